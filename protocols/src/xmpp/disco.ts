/** Service discovery and the string entity capabilities are hashed from (XEP-0030, XEP-0115 §5.1). */
import { type XmlElement, xml } from '../xml/index.ts';
import { type DataForm, dataFormFromXml, dataFormToXml } from './data-form.ts';
import { NS } from './namespaces.ts';

export interface DiscoIdentity {
  readonly category: string;
  readonly type: string;
  readonly name?: string;
}

export interface DiscoInfo {
  readonly node?: string;
  readonly identities: readonly DiscoIdentity[];
  readonly features: readonly string[];
  readonly forms?: readonly DataForm[];
}

/** More identities, features or forms than this are not read. */
const MAX_ENTRIES = 512;

/** The `<query>` of disco#info. */
export function discoInfoToXml(info: DiscoInfo): XmlElement {
  return xml(
    'query',
    NS.discoInfo,
    { node: info.node },
    ...info.identities.map(({ category, type, name }) =>
      xml('identity', NS.discoInfo, { category, type, name }),
    ),
    ...info.features.map((feature) => xml('feature', NS.discoInfo, { var: feature })),
    ...(info.forms ?? []).map(dataFormToXml),
  );
}

/** Reads a disco#info `<query>`; `undefined` when it is something else. */
export function discoInfoFromXml(query: XmlElement): DiscoInfo | undefined {
  if (query.name !== 'query' || query.ns !== NS.discoInfo) return undefined;
  const identities: DiscoIdentity[] = [];
  const features: string[] = [];
  const forms: DataForm[] = [];
  let entries = 0;
  for (const child of query.elements()) {
    if (++entries > MAX_ENTRIES) break;
    if (child.name === 'identity' && child.ns === NS.discoInfo) {
      const name = child.attribute('name');
      identities.push({
        category: child.attribute('category') ?? '',
        type: child.attribute('type') ?? '',
        ...(name === undefined ? {} : { name }),
      });
    } else if (child.name === 'feature' && child.ns === NS.discoInfo) {
      const feature = child.attribute('var');
      if (feature !== undefined) features.push(feature);
    } else {
      const form = dataFormFromXml(child);
      if (form !== undefined) forms.push(form);
    }
  }
  const node = query.attribute('node');
  return { ...(node === undefined ? {} : { node }), identities, features, forms };
}

/**
 * The text whose SHA-1, in base64, is `ver` (XEP-0115 §5.1). Forms are left out: Jitsi's clients have
 * none. Identities are taken without language.
 */
export function capsVerificationText(info: DiscoInfo): string {
  const identities = info.identities.map((i) => `${i.category}/${i.type}//${i.name ?? ''}<`);
  const features = info.features.map((feature) => `${feature}<`);
  return identities.sort().join('') + features.sort().join('');
}
