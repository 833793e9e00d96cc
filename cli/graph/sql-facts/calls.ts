import { type Fields, texts } from '../lineage/tree.js';
import type { CalledFunction } from './facts.js';

/** The function that a `FuncCall` names. */
export function calledFunction(call: Fields): CalledFunction {
  const [name, schema] = texts(call.funcname).reverse();
  const args = (call.args?.length ?? 0) + (call.agg_within_group ? call.agg_order.length : 0);
  return { ...(schema !== undefined && { schema }), name: name!, args };
}
