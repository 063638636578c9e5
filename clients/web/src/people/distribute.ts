/** Divides those in the main room among the breakout rooms, so that all become equally full. */
import type { BreakoutPerson, BreakoutRoom } from '@conclave/sdk';

export interface Assignment {
  readonly person: BreakoutPerson;
  readonly room: BreakoutRoom;
}

/** @param staysId who divides stays where they are */
export function distribute(rooms: readonly BreakoutRoom[], staysId: string): Assignment[] {
  const groups = rooms.filter(({ isMain }) => !isMain);
  const counts = new Map(groups.map((room) => [room, room.people.length]));
  const people = rooms.filter(({ isMain }) => isMain).flatMap((main) => main.people);
  const assignments: Assignment[] = [];
  for (const person of people) {
    if (person.id === staysId) continue;
    const [emptiest] = [...counts].sort(([, a], [, b]) => a - b);
    if (emptiest === undefined) break;
    const [room, count] = emptiest;
    counts.set(room, count + 1);
    assignments.push({ person, room });
  }
  return assignments;
}
