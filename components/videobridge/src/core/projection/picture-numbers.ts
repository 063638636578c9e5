/**
 * Numbers of pictures in one outgoing stream that must go on when another encoding, or another source, takes the stream
 * over: picture ids of VP8 and VP9, frame numbers of AV1.
 */
import { PictureIdRewriter } from './picture-id-rewriter.ts';

export class PictureNumbers extends PictureIdRewriter {
  /** Added to AV1's frame numbers. */
  frameNumberOffset = 0;
  /** -1 before the first. */
  lastFrameNumber = -1;
}
