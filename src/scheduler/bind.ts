import { CodedError } from '../domain/coded-error.ts';
import { COST_OWNER, POD_DELETION_COST } from '../domain/fleet/annotations.ts';
import type { Binder } from '../domain/fleet/binder.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import { isObject, textOf } from '../workloads/core/json.ts';
import { refusalsOf } from './invalid-body.ts';

const { invalid } = refusalsOf('InvalidBindingArgs', 'ExtenderBindingArgs', 'kube-scheduler');

/** extenderv1.ExtenderBindingArgs: which pod goes to which node. */
interface BindingArgs {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
}

/** The cost that the pod with this namespace, name and uid is to carry on a node; null where none is due. */
export type CostOnNode = (pod: PodToBind, node: string) => string | null | Promise<string | null>;

export type PodToBind = Pick<Pod, 'namespace' | 'name' | 'uid'>;

/**
 * Answers bind: gives the pod its node and, in the same transaction, its cost. What goes wrong with that is told as
 * kube-scheduler reads it. Throws CodedError `InvalidBindingArgs`.
 */
export async function bind(body: unknown, costOn: CostOnNode, binder: Binder): Promise<{ readonly Error: string }> {
  const args = readBindingArgs(body);
  const cost = await costOn(args, args.node);
  const annotations = cost === null ? {} : { [POD_DELETION_COST]: cost, [COST_OWNER]: cost };
  try {
    await binder.bind({ ...args, annotations });
    return { Error: '' };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { Error: error.message };
  }
}

function readBindingArgs(body: unknown): BindingArgs {
  const { PodNamespace, PodName, PodUID, Node } = isObject(body) ? body : {};
  return {
    namespace: required('PodNamespace', PodNamespace),
    name: required('PodName', PodName),
    uid: required('PodUID', PodUID),
    node: required('Node', Node),
  };
}

function required(key: string, value: unknown): string {
  const text = textOf(value) ?? '';
  if (text === '') throw invalid(`${key} is missing`);
  return text;
}
