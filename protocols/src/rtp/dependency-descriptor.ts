/**
 * Reads the dependency descriptor header extension in place ("RTP Payload Format For AV1" v1.0,
 * appendix A.8): which frame of which layer a packet belongs to, and what that frame refers to.
 *
 *     |S|E| template  |       frame number            |   always
 *     | structure, active targets, custom indications, references, chains |   when longer
 */
import { BitReader } from './bit-reader.ts';
import {
  type DependencyStructure,
  type FrameTemplate,
  readDependencyStructure,
} from './dependency-structure.ts';

const MAX_REFERENCES = 16;
const MANDATORY_BYTES = 3;

export class DependencyDescriptor {
  isFrameStart = false;
  isFrameEnd = false;
  /** 0..65535 */
  frameNumber = 0;
  spatialId = 0;
  temporalId = 0;
  /** Bit n is set when the spatial layer n cannot be shown without this frame. */
  neededBySpatial = 0;
  /** Distances in frame numbers; the first `referenceCount` count. */
  readonly references = new Uint16Array(MAX_REFERENCES);
  referenceCount = 0;
  /** When this packet brings a new one, which holds from here on; else the one that was given. */
  structure: DependencyStructure | undefined;
  /** The packet brings a structure: the first of a key frame does. */
  hasStructure = false;
  readonly #bits = new BitReader();

  /**
   * `structure` is what the stream's last key frame brought. False (and undefined fields) when the
   * extension is cut, or speaks of a structure that is not known.
   */
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    structure: DependencyStructure | undefined,
  ): boolean {
    if (length < MANDATORY_BYTES) return false;
    const bits = this.#bits;
    bits.reset(buffer, offset, length);
    this.isFrameStart = bits.flag();
    this.isFrameEnd = bits.flag();
    const templateId = bits.read(6);
    this.frameNumber = bits.read(16);
    const isExtended = length > MANDATORY_BYTES;
    this.hasStructure = isExtended && bits.flag();
    const hasActiveTargets = isExtended && bits.flag();
    const hasIndications = isExtended && bits.flag();
    const hasReferences = isExtended && bits.flag();
    if (isExtended) bits.read(1); // custom chains come last and tell nothing that we need
    const known = this.hasStructure ? readDependencyStructure(bits) : structure;
    if (known === undefined) return false;
    this.structure = known;
    if (hasActiveTargets) bits.read(known.targetSpatialIds.length >> 1);
    if (hasActiveTargets) bits.read((known.targetSpatialIds.length + 1) >> 1);
    const template = known.templates[(templateId + 64 - known.templateIdOffset) % 64];
    if (template === undefined) return false;
    this.spatialId = template.spatialId;
    this.temporalId = template.temporalId;
    this.neededBySpatial = 0;
    for (let target = 0; target < known.targetSpatialIds.length; target++) {
      const indication = hasIndications ? bits.read(2) : template.indications[target]!;
      if (indication !== 0) this.neededBySpatial |= 1 << known.targetSpatialIds[target]!;
    }
    if (hasReferences) this.#readReferences();
    else this.#copyReferences(template);
    return !bits.isCut;
  }

  #readReferences(): void {
    const bits = this.#bits;
    this.referenceCount = 0;
    for (let size = bits.read(2); size > 0; size = bits.read(2)) {
      const distance = bits.read(4 * size) + 1;
      if (this.referenceCount === MAX_REFERENCES) return;
      this.references[this.referenceCount++] = distance;
    }
  }

  #copyReferences({ references }: FrameTemplate): void {
    this.referenceCount = references.length;
    for (let i = 0; i < references.length; i++) this.references[i] = references[i]!;
  }
}
