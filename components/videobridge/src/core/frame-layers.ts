/**
 * Which frame of which layer a packet belongs to, and what that frame needs: the same for all codecs
 * that tell it (VP9's descriptor, the dependency descriptor of AV1 and H.264). Instances are reused.
 */
import type { DependencyDescriptor, Vp9Descriptor } from '@conclave/protocols/rtp';

const MAX_REFERENCES = 16;
/** A picture of VP9 has up to eight frames, one for each spatial layer. */
const VP9_LAYERS = 8;

export class FrameLayers {
  /** False: the packet tells nothing, and what is below means nothing. */
  isKnown = false;
  /** Grows with each frame, modulo `frameModulus`. */
  frameId = 0;
  frameModulus = 1;
  spatialId = 0;
  temporalId = 0;
  /** The highest spatial layer there may be. */
  topSpatialId = 0;
  isFrameEnd = false;
  /** Refers to no earlier picture: everything can begin here. */
  isKey = false;
  /** Bit n is set when spatial layer n cannot be shown without this frame. */
  neededBySpatial = 0;
  /** Frame ids; the first `referenceCount` count. */
  readonly references = new Int32Array(MAX_REFERENCES);
  referenceCount = 0;
  /** False: the frame refers to earlier ones, but does not say which. */
  tellsReferences = false;
  /** Higher temporal layers may be entered here. */
  isSwitchingUp = false;

  /** `topSpatialId` as the stream's last structure said. */
  setVp9(vp9: Vp9Descriptor, topSpatialId: number): void {
    this.isKnown = vp9.pictureIdBytes > 0 && vp9.temporalId >= 0;
    if (!this.isKnown) return;
    const { spatialId, pictureId } = vp9;
    this.frameModulus = (vp9.pictureIdBytes === 2 ? 0x8000 : 0x80) * VP9_LAYERS;
    this.frameId = pictureId * VP9_LAYERS + spatialId;
    this.spatialId = spatialId;
    this.temporalId = vp9.temporalId;
    this.topSpatialId = Math.max(topSpatialId, spatialId);
    this.isFrameEnd = vp9.isFrameEnd;
    this.isKey = spatialId === 0 && !vp9.isInterPicture;
    this.neededBySpatial = vp9.isLayerReference ? (0xff << spatialId) & 0xff : 1 << spatialId;
    this.isSwitchingUp = vp9.isSwitchingUp;
    this.tellsReferences = vp9.isFlexible || !vp9.isInterPicture;
    this.referenceCount = 0;
    for (let i = 0; i < vp9.referenceCount; i++) {
      this.#addReference(this.frameId - vp9.references[i]! * VP9_LAYERS);
    }
    if (vp9.isInterLayer && spatialId > 0) this.#addReference(this.frameId - 1);
  }

  setDependencies(descriptor: DependencyDescriptor): void {
    this.isKnown = true;
    this.frameModulus = 0x10000;
    this.frameId = descriptor.frameNumber;
    this.spatialId = descriptor.spatialId;
    this.temporalId = descriptor.temporalId;
    this.topSpatialId = descriptor.structure?.maxSpatialId ?? 0;
    this.isFrameEnd = descriptor.isFrameEnd;
    this.isKey = descriptor.spatialId === 0 && descriptor.referenceCount === 0;
    this.neededBySpatial = descriptor.neededBySpatial;
    this.isSwitchingUp = false;
    this.tellsReferences = true;
    this.referenceCount = 0;
    for (let i = 0; i < descriptor.referenceCount; i++) {
      this.#addReference(this.frameId - descriptor.references[i]!);
    }
  }

  #addReference(frameId: number): void {
    const { frameModulus } = this;
    this.references[this.referenceCount++] = (frameId + frameModulus) % frameModulus;
  }
}
