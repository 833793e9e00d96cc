export { type ErrorCode, errorCodes } from './codes.js';
export {
  type ErrorRecord,
  formatWhere,
  MedallionError,
  type PostgresSays,
  type Where,
} from './medallion-error.js';
export { didYouMean } from './nearest.js';
export { redact, redactedJson } from './redact.js';
export { describeIssue, formatPath } from './zod-issues.js';
