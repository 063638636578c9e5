/** Tells moderators above the tiles that somebody wants something of them: to come in, or to take part. */
import { Banner, BannerButton } from './banner.tsx';

interface DoorbellProps {
  /** Who asks, in turn. */
  readonly asking: readonly { readonly id: string; readonly name: string }[];
  readonly texts: {
    readonly one: (name: string) => string;
    readonly many: (count: number) => string;
    readonly accept: string;
    readonly acceptAll: string;
    readonly deny: string;
  };
  readonly onAccept: (ids: readonly string[]) => void;
  readonly onDeny: (id: string) => void;
}

export function Doorbell({ asking, texts, onAccept, onDeny }: DoorbellProps) {
  const [first] = asking;
  return (
    <div role="alert">
      {first !== undefined && (
        <Banner
          text={asking.length > 1 ? texts.many(asking.length) : texts.one(first.name)}
          kind="news"
        >
          {asking.length > 1 ? (
            <BannerButton
              text={texts.acceptAll}
              onClick={() => onAccept(asking.map(({ id }) => id))}
            />
          ) : (
            <>
              <BannerButton text={texts.accept} onClick={() => onAccept([first.id])} />
              <BannerButton text={texts.deny} onClick={() => onDeny(first.id)} />
            </>
          )}
        </Banner>
      )}
    </div>
  );
}
