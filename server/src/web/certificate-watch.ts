/** Looks at the certificate now and then: whoever renews it on disk need not restart the server. */
import type { Logger, TimerHandle, Timers } from '@conclave/base';
import type { WebCertificate } from './certificate.ts';

export interface CertificateWatchDependencies {
  readonly timers: Timers;
  readonly logger: Logger;
  /** Reads what is on disk; throws when it cannot be used. */
  readonly load: () => WebCertificate;
  /** Told of another certificate than before. */
  readonly use: (certificate: WebCertificate) => void;
}

const CHECK_EVERY_MS = 600_000;

export class CertificateWatch {
  readonly #deps: CertificateWatchDependencies;
  #used: WebCertificate;
  #timer: TimerHandle | undefined;

  /** Starts watching; `used` is in use already. */
  constructor(deps: CertificateWatchDependencies, used: WebCertificate) {
    this.#deps = deps;
    this.#used = used;
    this.#schedule();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer = this.#deps.timers.schedule(CHECK_EVERY_MS, () => {
      this.#check();
      this.#schedule();
    });
  }

  #check(): void {
    const { logger, load, use } = this.#deps;
    try {
      const found = load();
      if (found.certificate === this.#used.certificate) return;
      use(found);
      this.#used = found;
      logger.info('web.certificate.renewed', { selfSigned: found.isSelfSigned });
    } catch (error) {
      // Perhaps only half of the files is written yet; the one in use stays.
      const message = error instanceof Error ? error.message : String(error);
      logger.error('web.certificate.not-renewed', { message });
    }
  }
}
