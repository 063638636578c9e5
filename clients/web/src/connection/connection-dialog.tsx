/** How good the connection is: ours in numbers, and what comes of each of the others. */
import type { Conference } from '@conclave/sdk';
import { Dialog } from '../app/dialog.tsx';
import panel from '../app/panel-content.module.css';
import { useStore } from '../app/use-store.ts';
import { displayNameOf } from '../call/tile-model.ts';
import { strings } from '../strings/strings.ts';
import styles from './connection-dialog.module.css';
import type { PictureReport } from './connection-report.ts';
import { useConnectionReport } from './use-connection-report.ts';

interface ConnectionDialogProps {
  readonly conference: Conference;
  readonly onClose: () => void;
}

function pictureText(picture: PictureReport | undefined): string {
  const texts = strings.connection;
  return picture === undefined
    ? texts.noPicture
    : texts.picture(picture.heightPx, picture.framesPerSecond);
}

export function ConnectionDialog({ conference, onClose }: ConnectionDialogProps) {
  const report = useConnectionReport(conference);
  const qualities = useStore(conference.media.quality.all);
  const self = useStore(conference.self);
  const others = useStore(conference.participants);
  const tracks = useStore(conference.media.remoteTracks);
  const texts = strings.connection;
  const pictureOf = (id: string) => {
    const track = tracks.find(({ owner, type }) => owner === id && type === 'video');
    return report?.receivedPictures.get(track?.stream.getVideoTracks()[0]?.id ?? '');
  };
  return (
    <Dialog title={texts.title} onClose={onClose}>
      {report === undefined ? (
        <p className={panel.quiet}>{texts.measuring}</p>
      ) : (
        <dl className={styles.numbers}>
          <Line name={texts.quality} value={texts.qualityOf(qualities.get(self.id))} />
          <Line name={texts.roundTrip} value={texts.milliseconds(report.roundTripTimeMs)} />
          <Line name={texts.lost} value={texts.percent(report.lostPercent)} />
          <Line name={texts.sent} value={texts.bitrate(report.sentBps)} />
          <Line name={texts.received} value={texts.bitrate(report.receivedBps)} />
          <Line name={texts.ownPicture} value={pictureText(report.sentPicture)} />
        </dl>
      )}
      {others.length > 0 && (
        <section aria-label={texts.others} className={panel.section}>
          <h3 className={panel.subtitle}>{texts.others}</h3>
          <dl className={styles.numbers}>
            {others.map((person) => (
              <Line
                key={person.id}
                name={displayNameOf(person)}
                value={[
                  ...(qualities.has(person.id) ? [texts.qualityOf(qualities.get(person.id))] : []),
                  pictureText(pictureOf(person.id)),
                ].join(', ')}
              />
            ))}
          </dl>
        </section>
      )}
      <p className={panel.quiet}>{texts.advice}</p>
    </Dialog>
  );
}

function Line({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className={styles.line}>
      <dt className={styles.name}>
        <bdi>{name}</bdi>
      </dt>
      <dd className={styles.value}>{value}</dd>
    </div>
  );
}
