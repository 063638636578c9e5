/** The `jingle` element, both ways (XEP-0166 §7; Jitsi's bridge-session, ice-state and json-message). */
import { XmlElement, xml } from '../xml/index.ts';
import { descriptionFromXml, descriptionToXml } from './description-xml.ts';
import {
  type BridgeSession,
  JINGLE_ACTIONS,
  type Jingle,
  type JingleContent,
  type JingleReason,
  type JingleResult,
  type JingleSenders,
  type JingleTransport,
} from './jingle.ts';
import {
  DEFAULT_JINGLE_LIMITS,
  JingleBudget,
  type JingleLimits,
  JingleRefused,
  parseInteger,
} from './limits.ts';
import {
  COLIBRI2_NS,
  FOCUS_NS,
  GROUPING_NS,
  JINGLE_NS,
  JITMEET_NS,
  RTP_NS,
  START_MUTED_NS,
} from './namespaces.ts';
import { ownedSourcesFromJson, ownedSourcesToJson } from './sources-json.ts';
import { transportFromXml, transportToXml } from './transport-xml.ts';

export function jingleToXml(jingle: Jingle): XmlElement {
  const element = xml('jingle', JINGLE_NS, {
    action: jingle.action,
    sid: jingle.sid,
    initiator: jingle.initiator,
    responder: jingle.responder,
  });
  element.append(...jingle.contents.map(contentToXml));
  if (jingle.bundle.length > 0) {
    const members = jingle.bundle.map((name) => xml('content', GROUPING_NS, { name }));
    element.append(xml('group', GROUPING_NS, { semantics: 'BUNDLE' }, ...members));
  }
  if (jingle.reason !== undefined) {
    // The condition is the first child: clients read it by position.
    const { condition, text } = jingle.reason;
    const textElement = text === undefined ? undefined : xml('text', JINGLE_NS, undefined, text);
    element.append(xml('reason', JINGLE_NS, undefined, xml(condition, JINGLE_NS), textElement));
  }
  if (jingle.bridgeSession !== undefined) {
    const { id, region, restart, iceRestart } = jingle.bridgeSession;
    element.append(
      xml('bridge-session', FOCUS_NS, {
        id,
        region,
        restart: restart?.toString(),
        'ice-restart': iceRestart?.toString(),
      }),
    );
  }
  if (jingle.startMuted !== undefined) {
    const { audio, video } = jingle.startMuted;
    element.append(
      xml('startmuted', START_MUTED_NS, { audio: String(audio), video: String(video) }),
    );
  }
  if (jingle.iceState !== undefined) {
    element.append(xml('ice-state', FOCUS_NS, undefined, jingle.iceState));
  }
  if (jingle.jsonSources !== undefined) {
    const text = ownedSourcesToJson(jingle.jsonSources);
    element.append(xml('json-message', JITMEET_NS, undefined, text));
  }
  return element;
}

function contentToXml(content: JingleContent): XmlElement {
  const { name, creator, senders, description, transport, initialLastN } = content;
  return xml(
    'content',
    JINGLE_NS,
    { creator, name, senders },
    initialLastN === undefined
      ? undefined
      : xml('initial-last-n', COLIBRI2_NS, { value: String(initialLastN) }),
    description ? descriptionToXml(description) : dataDescription(transport),
    transport && transportToXml(transport),
  );
}

/** Clients read from here what medium a data channel's content is of (XEP-0343). */
function dataDescription(transport: JingleTransport | undefined): XmlElement | undefined {
  if (transport?.sctpPort === undefined) return undefined;
  return xml('description', RTP_NS, { media: 'application' });
}

/** Reads a `jingle` element; never throws, whatever the element holds. */
export function jingleFromXml(
  element: XmlElement,
  limits: JingleLimits = DEFAULT_JINGLE_LIMITS,
): JingleResult {
  try {
    return { type: 'jingle', jingle: readJingle(element, new JingleBudget(limits)) };
  } catch (error) {
    if (error instanceof JingleRefused) return { type: 'error', reason: error.message };
    throw error;
  }
}

function readJingle(element: XmlElement, budget: JingleBudget): Jingle {
  if (element.name !== 'jingle' || element.ns !== JINGLE_NS) throw new JingleRefused('no jingle');
  const action = JINGLE_ACTIONS.find((known) => known === element.attribute('action'));
  if (action === undefined) throw new JingleRefused('unknown action');
  const sid = budget.text(element.attribute('sid'));
  if (sid === undefined || sid === '') throw new JingleRefused('no sid');
  const initiator = budget.text(element.attribute('initiator'));
  const responder = budget.text(element.attribute('responder'));
  const contents = budget
    .list(element.childrenNamed('content'), budget.limits.contents, 'contents')
    .map((child) => contentFromXml(child, budget));
  const reason = reasonFromXml(element.child('reason'), budget);
  const bridgeSession = bridgeSessionFromXml(element.child('bridge-session'), budget);
  const startMuted = element.child('startmuted');
  const iceState = budget.text(element.child('ice-state')?.text);
  const json = element.child('json-message');
  const jsonSources = json && ownedSourcesFromJson(json.text, budget);
  return {
    action,
    sid,
    ...(initiator !== undefined && { initiator }),
    ...(responder !== undefined && { responder }),
    contents,
    bundle: bundleFromXml(element, budget),
    ...(reason && { reason }),
    ...(bridgeSession && { bridgeSession }),
    ...(startMuted && {
      startMuted: {
        audio: startMuted.attribute('audio') === 'true',
        video: startMuted.attribute('video') === 'true',
      },
    }),
    ...(iceState !== undefined && { iceState }),
    ...(jsonSources && { jsonSources }),
  };
}

function contentFromXml(element: XmlElement, budget: JingleBudget): JingleContent {
  const name = budget.text(element.attribute('name'));
  if (name === undefined || name === '') throw new JingleRefused('a content without name');
  const creator = element.attribute('creator');
  const senders = sendersFromText(element.attribute('senders'));
  const descriptionElement = element.child('description');
  const description = descriptionElement && descriptionFromXml(descriptionElement, budget);
  const transportElement = element.child('transport');
  const transport = transportElement && transportFromXml(transportElement, budget);
  const lastN = element.child('initial-last-n')?.attribute('value');
  const initialLastN = parseInteger(lastN, 0, 1_000_000);
  return {
    name,
    ...((creator === 'initiator' || creator === 'responder') && { creator }),
    ...(senders !== undefined && { senders }),
    ...(description && { description }),
    ...(transport && { transport }),
    ...(initialLastN !== undefined && { initialLastN }),
  };
}

function sendersFromText(text: string | undefined): JingleSenders | undefined {
  switch (text) {
    case 'both':
    case 'initiator':
    case 'responder':
    case 'none':
    case 'rejected':
      return text;
    default:
      return undefined;
  }
}

function bundleFromXml(element: XmlElement, budget: JingleBudget): string[] {
  for (const group of element.childrenNamed('group')) {
    if (group.attribute('semantics') !== 'BUNDLE') continue;
    const members = budget.list(group.childrenNamed('content'), budget.limits.contents, 'members');
    return members
      .map((member) => budget.text(member.attribute('name')))
      .filter((name) => name !== undefined);
  }
  return [];
}

function reasonFromXml(
  element: XmlElement | undefined,
  budget: JingleBudget,
): JingleReason | undefined {
  if (element === undefined) return undefined;
  const text = budget.text(element.child('text')?.text);
  for (const child of element.children) {
    if (!(child instanceof XmlElement) || child.name === 'text') continue;
    const condition = budget.text(child.name) ?? '';
    return text === undefined ? { condition } : { condition, text };
  }
  return undefined;
}

function bridgeSessionFromXml(
  element: XmlElement | undefined,
  budget: JingleBudget,
): BridgeSession | undefined {
  const id = budget.text(element?.attribute('id'));
  if (element === undefined || id === undefined) return undefined;
  const region = budget.text(element.attribute('region'));
  return {
    id,
    ...(region !== undefined && { region }),
    ...(element.attribute('restart') !== undefined && {
      restart: element.attribute('restart') === 'true',
    }),
    ...(element.attribute('ice-restart') !== undefined && {
      iceRestart: element.attribute('ice-restart') === 'true',
    }),
  };
}
