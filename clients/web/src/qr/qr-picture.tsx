/** A QR code as a picture: always dark on light, with the empty margin that cameras need (ISO/IEC 18004 §6.3.8). */
import type { Modules } from './modules.ts';
import styles from './qr-picture.module.css';

const MARGIN = 4;

interface QrPictureProps {
  readonly code: Modules;
  readonly label: string;
}

export function QrPicture({ code, label }: QrPictureProps) {
  const size = code.size + 2 * MARGIN;
  return (
    <svg
      className={styles.picture}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <path className={styles.light} d={`M0 0h${size}v${size}H0z`} />
      <path d={darkPath(code)} />
    </svg>
  );
}

function darkPath(code: Modules): string {
  let path = '';
  for (let row = 0; row < code.size; row++) {
    for (let column = 0; column < code.size; column++) {
      if (code.isDark(row, column)) path += `M${column + MARGIN} ${row + MARGIN}h1v1h-1z`;
    }
  }
  return path;
}
