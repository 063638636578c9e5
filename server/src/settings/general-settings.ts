/** Settings that concern the whole process. */
import { LOG_LEVELS } from '@conclave/platform/telemetry';
import { choice, folder, timeZone } from './value-kinds.ts';

const group = 'General';

export const GENERAL_SETTINGS = {
  CONFIG: folder({
    group,
    default: '~/.conclave',
    sentence:
      'Folder for state: generated secrets, certificates, later the database and recordings.',
  }),
  LOG_LEVEL: choice({
    group,
    default: 'info',
    values: LOG_LEVELS,
    sentence: 'How much is logged; personal data such as addresses appears only at debug.',
  }),
  TZ: timeZone({
    group,
    default: 'UTC',
    sentence: 'Time zone of dates that people read; logs are always in UTC.',
  }),
} as const;
