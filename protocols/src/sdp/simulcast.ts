/**
 * Turns the camera's single stream in our answer into simulcast by SSRC: three primary SSRCs in a SIM group,
 * each with its retransmission SSRC in an FID group (RFC 5888, RFC 5576). Chromium then encodes one layer per
 * SSRC, low to high, and keeps the groups in all later answers by itself.
 */
import { parse, write } from 'sdp-transform';

/**
 * @param sdp the browser's answer, before setLocalDescription
 * @param mid the m-line of our camera
 * @param layers number of encodings, 1..3
 * @param newSsrc a random SSRC, 1..2^32-1; asked again when it is taken
 * @returns `sdp` as it was when the line is missing, has no SSRCs or is simulcast already
 */
export function addSimulcast(
  sdp: string,
  mid: string,
  layers: number,
  newSsrc: () => number,
): string {
  const session = parse(sdp);
  const line = session.media.find((media) => String(media.mid) === mid);
  const first = line?.ssrcs?.[0];
  if (line === undefined || first === undefined || layers < 2) return sdp;
  if (line.ssrcGroups?.some(({ semantics }) => semantics === 'SIM')) return sdp;

  const pairs = (line.ssrcGroups ?? []).filter(({ semantics }) => semantics === 'FID');
  const [primary = Number(first.id), retransmission] = (pairs[0]?.ssrcs ?? '')
    .split(' ')
    .filter((ssrc) => ssrc !== '')
    .map(Number);
  const used = new Set(session.media.flatMap((media) => (media.ssrcs ?? []).map(({ id }) => id)));
  const fresh = () => {
    let ssrc = newSsrc() >>> 0;
    for (let tries = 0; (ssrc === 0 || used.has(ssrc)) && tries < 100; tries++)
      ssrc = newSsrc() >>> 0;
    used.add(ssrc);
    return ssrc;
  };
  const primaries = [primary];
  const retransmissions = retransmission === undefined ? [] : [retransmission];
  while (primaries.length < layers) {
    primaries.push(fresh());
    if (retransmission !== undefined) retransmissions.push(fresh());
  }
  const attributes = line.ssrcs?.filter(({ id }) => id === first.id) ?? [];
  line.ssrcGroups = [
    { semantics: 'SIM', ssrcs: primaries.join(' ') },
    ...retransmissions.map((rtx, i) => ({ semantics: 'FID', ssrcs: `${primaries[i]} ${rtx}` })),
  ];
  line.ssrcs = [...primaries, ...retransmissions].flatMap((id) =>
    attributes.map((attribute) => ({ ...attribute, id })),
  );
  return write(session);
}
