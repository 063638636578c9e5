/** Why the server cannot start; the messages name the setting to change. */
import { ConclaveError } from '@conclave/base';

export class StartError extends ConclaveError {}
