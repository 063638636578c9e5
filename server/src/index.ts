/** L4, the composition root: settings in, parts wired by hand, one process out. */
export { type DoctorDependencies, runDoctor } from './doctor/doctor.ts';
export { loadRunSettings, type RunSettings } from './environment.ts';
export { StartError } from './errors.ts';
export {
  type RunningServer,
  type ServerDependencies,
  type ServerFiles,
  startServer,
} from './server.ts';
