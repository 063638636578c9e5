/** XML elements: build, parse with limits, write (RFC 6120 §11). */
export {
  escapeXml,
  writeXml,
  type XmlAttributes,
  XmlElement,
  type XmlNode,
  xml,
} from './element.ts';
export { DEFAULT_XML_LIMITS, parseXml, type XmlLimits, type XmlResult } from './parse.ts';
