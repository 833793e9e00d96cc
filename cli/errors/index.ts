export { type ErrorCode, errorCodes } from './codes.js';
export {
  type ErrorParts,
  type ErrorRecord,
  formatWhere,
  MedallionError,
  type PostgresSays,
  type Where,
} from './medallion-error.js';
export { didYouMean, nearestNames } from './nearest.js';
export { describeIssue, formatPath, type SettingIssue } from './zod-issues.js';
