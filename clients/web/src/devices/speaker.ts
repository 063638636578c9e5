/** Where the sound comes out. Safari and browsers on phones do not let a page choose. */

export function choosesSpeaker(): boolean {
  return 'setSinkId' in HTMLMediaElement.prototype;
}
