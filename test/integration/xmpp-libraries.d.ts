/** The little of two untyped XMPP libraries that the interoperation test uses. */

declare module '@xmpp/client' {
  export interface Element {
    readonly name: string;
    readonly attrs: Readonly<Record<string, string>>;
    getChild(name: string, ns?: string): Element | undefined;
    getChildText(name: string): string | null;
    toString(): string;
  }
  export interface Client {
    readonly jid: { toString(): string; getLocal(): string };
    readonly iqCaller: { request(iq: Element): Promise<Element> };
    on(event: 'stanza', handle: (stanza: Element) => void): void;
    on(event: 'error', handle: (error: Error) => void): void;
    start(): Promise<unknown>;
    send(stanza: Element): Promise<void>;
    stop(): Promise<unknown>;
  }
  export function client(options: { service: string; domain: string }): Client;
  export function xml(
    name: string,
    attributes?: Readonly<Record<string, string>>,
    ...children: (Element | string)[]
  ): Element;
}

declare module 'strophe.js' {
  export interface Builder {
    c(name: string, attributes?: Readonly<Record<string, string>>, text?: string): Builder;
    t(text: string): Builder;
    up(): Builder;
  }
  export interface StropheConnection {
    readonly jid: string;
    connect(jid: string, password: string, onStatus: (status: number) => void): void;
    disconnect(): void;
    addHandler(handle: (stanza: StropheElement) => boolean): void;
    send(stanza: Builder): void;
    sendIQ(
      stanza: Builder,
      done: (stanza: StropheElement) => void,
      failed: (stanza: StropheElement | null) => void,
    ): void;
  }
  /** A DOM element; what of it is used. */
  export interface StropheElement {
    readonly nodeName: string;
    getAttribute(name: string): string | null;
    toString(): string;
  }
  export const Strophe: {
    readonly Connection: new (service: string) => StropheConnection;
    readonly Status: Readonly<Record<'CONNECTED' | 'CONNFAIL' | 'AUTHFAIL', number>>;
    serialize(element: StropheElement): string;
  };
  export function $iq(attributes: Readonly<Record<string, string>>): Builder;
  export function $msg(attributes: Readonly<Record<string, string>>): Builder;
  export function $pres(attributes: Readonly<Record<string, string>>): Builder;
}
