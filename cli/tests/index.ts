export { type CheckedTest, checkDeclaration } from './check.js';
export { contractTests } from './contract-tests.js';
export { provedBy } from './proved.js';
export { type RunnableTest, runnable, runTests, withRule } from './run.js';
