/** As much of a browser as a log-in needs: cookies by host, redirects on request, forms. */
import { request } from 'node:https';

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly location: string | undefined;
  readonly setCookies: readonly string[];
  readonly body: string;
}

export class CookieBrowser {
  /** By `host name`: ports share cookies, as in browsers. */
  readonly cookies = new Map<string, string>();
  readonly #ca: () => readonly string[];

  constructor(ca: () => readonly string[]) {
    this.#ca = ca;
  }

  get(url: string | URL, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    return this.#send('GET', new URL(url), headers, undefined);
  }

  post(
    url: string | URL,
    form: Readonly<Record<string, string>> | string = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Page> {
    const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const origin = { origin: new URL(url).origin };
    return this.#send('POST', new URL(url), { ...type, ...origin, ...headers }, body);
  }

  /** Follows redirects until a page, or until `stop` says so. */
  async follow(url: string | URL, stop: (next: URL) => boolean = () => false): Promise<Page> {
    let page = await this.get(url);
    for (let hops = 0; page.location !== undefined && hops < 12; hops++) {
      const next = new URL(page.location, page.url);
      if (stop(next)) return { ...page, location: next.href };
      page = await this.get(next);
    }
    return page;
  }

  #send(
    method: string,
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method,
          ca: [...this.#ca()],
          agent: false,
          headers: { ...headers, ...(cookie !== '' && { cookie }) },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            text += part;
          });
          response.on('end', () => {
            const setCookies = response.headers['set-cookie'] ?? [];
            for (const line of setCookies) this.#keep(line);
            const { statusCode: status = 0 } = response;
            const { location } = response.headers;
            resolve({ url, status, location, setCookies, body: text });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /max-age=0/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
