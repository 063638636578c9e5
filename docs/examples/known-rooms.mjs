/**
 * A plugin for Conclave (docs/plugins.md): only rooms on a list may be entered, and whoever enters one is
 * greeted. To use it: copy it to CONFIG/plugins, and set
 *
 *   XMPP_MUC_MODULES=known-rooms
 *   PLUGIN_KNOWN_ROOMS=daily,weekly
 *
 * @type {import('../../server/src/plugins/plugin-api.ts').Plugin}
 */
export const plugin = {
  setUp({ hooks, logger, environment, xml, NS, JOIN_ORDER }) {
    const known = new Set((environment('PLUGIN_KNOWN_ROOMS') ?? '').toLowerCase().split(','));
    logger.info('known-rooms.ready', { count: known.size });

    // A gate: its answer refuses, no answer lets the next gate decide. Before the password is asked.
    hooks.preJoin.add(JOIN_ORDER.password - 1, ({ room }) => {
      if (known.has(room.jid.node)) return undefined;
      return { type: 'refuse', error: { condition: 'not-allowed', text: 'This room is unknown' } };
    });

    // News: nothing to answer. Here everybody has been told that `occupant` is in.
    hooks.occupantJoined.add(2000, ({ room, occupant }) => {
      const body = xml('body', NS.client, {}, `Welcome to ${room.jid.node}`);
      const message = xml('message', NS.client, { type: 'groupchat', from: room.jid.bare }, body);
      room.broadcast(message, (viewer) => viewer === occupant);
      return undefined;
    });
  },
};
