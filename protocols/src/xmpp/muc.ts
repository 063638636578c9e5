/** The `muc#user` element of rooms: who an occupant is and what happened (XEP-0045 v1.35 §7, §15.6). */
import { type XmlElement, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';

export type Affiliation = 'owner' | 'admin' | 'member' | 'none' | 'outcast';
export type Role = 'moderator' | 'participant' | 'visitor' | 'none';

export interface MucItem {
  readonly affiliation: Affiliation;
  readonly role: Role;
  /** Full real JID. */
  readonly jid?: string;
  readonly nick?: string;
  /** Nick of who did it, in kicks and bans. */
  readonly actorNick?: string;
  readonly reason?: string;
}

export interface MucUser {
  readonly item?: MucItem;
  /** 100, 104, 110, 201, 307 … (XEP-0045 §15.6). */
  readonly statusCodes: readonly number[];
  readonly destroy?: { readonly jid?: string; readonly reason?: string };
}

export function mucUserToXml(user: MucUser): XmlElement {
  const x = xml('x', NS.mucUser);
  if (user.item !== undefined) x.append(mucItemToXml(user.item, NS.mucUser));
  if (user.destroy !== undefined) {
    const { jid, reason } = user.destroy;
    x.append(
      xml(
        'destroy',
        NS.mucUser,
        { jid },
        reason === undefined ? undefined : xml('reason', NS.mucUser, {}, reason),
      ),
    );
  }
  for (const code of user.statusCodes) {
    x.append(xml('status', NS.mucUser, { code: String(code) }));
  }
  return x;
}

/** An `<item>`, in muc#user or muc#admin. */
export function mucItemToXml(item: MucItem, ns: string): XmlElement {
  return xml(
    'item',
    ns,
    { affiliation: item.affiliation, role: item.role, jid: item.jid, nick: item.nick },
    item.actorNick === undefined ? undefined : xml('actor', ns, { nick: item.actorNick }),
    item.reason === undefined ? undefined : xml('reason', ns, {}, item.reason),
  );
}

/** Reads the first muc#user `<x>` of a presence or message; `undefined` when there is none. */
export function mucUserFromXml(stanza: XmlElement): MucUser | undefined {
  const x = stanza.child('x', NS.mucUser);
  if (x === undefined) return undefined;
  const element = x.child('item', NS.mucUser);
  const destroy = x.child('destroy', NS.mucUser);
  const statusCodes: number[] = [];
  for (const status of x.childrenNamed('status', NS.mucUser)) {
    const code = status.attribute('code');
    if (code !== undefined && /^[0-9]{3}$/.test(code)) statusCodes.push(Number(code));
  }
  return {
    ...(element === undefined ? {} : { item: itemFromXml(element) }),
    statusCodes,
    ...(destroy === undefined ? {} : { destroy: destroyFromXml(destroy) }),
  };
}

export function parseAffiliation(text: string | undefined): Affiliation | undefined {
  switch (text) {
    case 'owner':
    case 'admin':
    case 'member':
    case 'none':
    case 'outcast':
      return text;
    default:
      return undefined;
  }
}

export function parseRole(text: string | undefined): Role | undefined {
  switch (text) {
    case 'moderator':
    case 'participant':
    case 'visitor':
    case 'none':
      return text;
    default:
      return undefined;
  }
}

function itemFromXml(element: XmlElement): MucItem {
  const jid = element.attribute('jid');
  const nick = element.attribute('nick');
  const actorNick = element.child('actor')?.attribute('nick');
  const reason = element.child('reason')?.text;
  return {
    affiliation: parseAffiliation(element.attribute('affiliation')) ?? 'none',
    role: parseRole(element.attribute('role')) ?? 'none',
    ...(jid === undefined ? {} : { jid }),
    ...(nick === undefined ? {} : { nick }),
    ...(actorNick === undefined ? {} : { actorNick }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function destroyFromXml(element: XmlElement): { jid?: string; reason?: string } {
  const jid = element.attribute('jid');
  const reason = element.child('reason')?.text;
  return { ...(jid === undefined ? {} : { jid }), ...(reason === undefined ? {} : { reason }) };
}
