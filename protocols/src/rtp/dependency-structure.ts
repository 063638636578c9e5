/**
 * The structure that a stream's dependency descriptors refer to ("RTP Payload Format For AV1" v1.0,
 * appendix A.8.2): its templates, each a kind of frame with its layer, what it refers to and who needs it.
 */
import type { BitReader } from './bit-reader.ts';

const MAX_TEMPLATES = 64;
/** Per template: the loops of the format have no bound of their own. */
const MAX_REFERENCES = 16;

export interface FrameTemplate {
  readonly spatialId: number;
  readonly temporalId: number;
  /** One indication per decode target: 0 not present, 1 discardable, 2 switch, 3 required. */
  readonly indications: readonly number[];
  /** Distances in frame numbers to the frames it refers to. */
  readonly references: readonly number[];
}

export interface DependencyStructure {
  /** 0..63: the id of the first template. */
  readonly templateIdOffset: number;
  readonly templates: readonly FrameTemplate[];
  /** The highest spatial layer that each decode target shows. */
  readonly targetSpatialIds: readonly number[];
  readonly chainCount: number;
  readonly maxSpatialId: number;
  /** Pixels of the shorter side, by spatial layer; empty when not told. */
  readonly heights: readonly number[];
}

/** Undefined when it is cut, or larger than any encoder makes it. */
export function readDependencyStructure(bits: BitReader): DependencyStructure | undefined {
  const templateIdOffset = bits.read(6);
  const targetCount = bits.read(5) + 1;
  const layers = readLayers(bits);
  if (layers === undefined) return undefined;
  const indications = layers.map(() => Array.from({ length: targetCount }, () => bits.read(2)));
  const references = layers.map(() => readReferences(bits));
  const chainCount = bits.nonSymmetric(targetCount + 1);
  if (chainCount > 0) {
    for (let target = 0; target < targetCount; target++) bits.nonSymmetric(chainCount);
    for (let i = 0; i < layers.length * chainCount; i++) bits.read(4);
  }
  const maxSpatialId = layers.at(-1)?.spatialId ?? 0;
  const heights: number[] = [];
  if (bits.flag()) {
    for (let layer = 0; layer <= maxSpatialId; layer++) {
      const width = bits.read(16) + 1;
      heights.push(Math.min(width, bits.read(16) + 1));
    }
  }
  if (bits.isCut) return undefined;
  const templates = layers.map((layer, i) => ({
    ...layer,
    indications: indications[i]!,
    references: references[i]!,
  }));
  const targetSpatialIds = Array.from({ length: targetCount }, (_, target) =>
    Math.max(
      0,
      ...templates
        .filter((template) => template.indications[target] !== 0)
        .map(({ spatialId }) => spatialId),
    ),
  );
  return { templateIdOffset, templates, targetSpatialIds, chainCount, maxSpatialId, heights };
}

function readLayers(bits: BitReader): { spatialId: number; temporalId: number }[] | undefined {
  const layers: { spatialId: number; temporalId: number }[] = [];
  let spatialId = 0;
  let temporalId = 0;
  for (;;) {
    layers.push({ spatialId, temporalId });
    const next = bits.read(2);
    if (next === 3) return layers;
    if (bits.isCut || layers.length === MAX_TEMPLATES) return undefined;
    if (next === 1) temporalId++;
    if (next === 2) {
      temporalId = 0;
      spatialId++;
    }
    if (spatialId > 3 || temporalId > 7) return undefined;
  }
}

function readReferences(bits: BitReader): number[] {
  const references: number[] = [];
  while (bits.flag() && references.length < MAX_REFERENCES) references.push(bits.read(4) + 1);
  return references;
}
