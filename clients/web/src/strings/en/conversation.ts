/** What is said beside the pictures: chat, polls, speaking time. */

export const conversation = {
  chat: {
    title: 'Chat',
    close: 'Close chat',
    log: 'Messages',
    empty: 'No messages yet. Everybody in the meeting sees what you write here.',
    inputLabel: 'Message to everybody',
    privateInputLabel: (name: string) => `Private message to ${name}`,
    placeholder: 'Write a message',
    send: 'Send',
    recipient: 'To',
    everybody: 'Everybody',
    nobodyYet: 'Choose a person',
    restricted:
      'In this meeting only moderators write to everybody. You can write to single people.',
    joined: (name: string) => `${name} joined`,
    left: (name: string) => `${name} left`,
    privateFrom: (name: string) => `${name}, to you only`,
    privateTo: (name: string) => `You, to ${name} only`,
    notSent: 'The message was not delivered.',
  },

  polls: {
    title: 'Polls',
    close: 'Close polls',
    empty: 'Nobody has asked anything yet.',
    ask: 'Ask a question',
    restricted: 'In this meeting only moderators ask questions.',
    visitor: 'Who looks on sees the results and does not vote.',
    question: 'Question',
    answer: (number: number) => `Answer ${number}`,
    removeAnswer: (number: number) => `Remove answer ${number}`,
    addAnswer: 'Add an answer',
    send: 'Ask',
    cancel: 'Cancel',
    problems: {
      question: 'Write a question first.',
      answers: 'Offer at least two answers.',
      same: 'Two answers are the same.',
      tooLong: 'Question and answers together are too long. Please shorten them.',
    },
    askedBy: (name: string) => `Asked by ${name}`,
    vote: 'Vote',
    changeVote: 'Change my vote',
    showResults: 'Show the results',
    yours: '(your choice)',
    votes: (count: number, percent: number) => `${count} (${percent} %)`,
    voters: (count: number) => (count === 1 ? '1 person has voted' : `${count} people have voted`),
    asks: (name: string, question: string) => `${name} asks: ${question}`,
    open: 'Answer',
    refused: (text: string) =>
      text === '' ? 'Your question was not accepted.' : `Your question was not accepted: ${text}`,
  },

  speakers: {
    title: 'Speaking time',
    lasts: (minutes: number) => `The meeting has lasted ${minutes} min.`,
    nobody: 'Nobody has spoken yet.',
    gone: (name: string) => `${name} (left)`,
    /** @param minutes whole ones */
    time: (minutes: number, seconds: number) => `${minutes} min ${seconds} s`,
  },
} as const;
