export { type CheckedTest, checkDeclaration } from './check.js';
export { contractTests } from './contract-tests.js';
export { provedBy } from './proved.js';
export { failingSql, type RunnableTest, runnable, runTests, withRule } from './run.js';
