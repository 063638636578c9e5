/** Initials on a colour, for whoever has no picture. */
import styles from './avatar.module.css';
import { colourIndex, initialsOf } from './initials.ts';

const COLOURS = [
  styles.colour0,
  styles.colour1,
  styles.colour2,
  styles.colour3,
  styles.colour4,
  styles.colour5,
  styles.colour6,
];

export function Avatar({ id, name }: { readonly id: string; readonly name: string }) {
  const colour = COLOURS[colourIndex(id, COLOURS.length)];
  return (
    <span className={`${styles.avatar} ${colour}`} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
