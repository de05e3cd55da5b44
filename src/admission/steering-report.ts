import { abridged } from '../domain/ordering/wording.ts';
import { type ScalingPlan, STEP } from '../workloads/scaling.ts';

/** What steering has to say about an admitted change, for the response. */
export interface SteeringReport {
  /** Sentences on what will go, and on what is wrong. */
  readonly says: readonly string[];
  /** The same for the answer, which others write to as well. */
  readonly warnings: readonly string[];
  readonly audit: Readonly<Record<string, string>>;
}

export const NOTHING: SteeringReport = report([], {});

function report(says: readonly string[], audit: Readonly<Record<string, string>>): SteeringReport {
  return { says, warnings: says.map((sentence) => `packdown: ${sentence}`), audit };
}

/** `verb` is what the victims do: they will go, or would. */
export function reportVictims(plan: ScalingPlan, verb: string, problems: readonly string[]): SteeringReport {
  const victims = plan.victims.map(({ candidate }) =>
    candidate.role === null ? candidate.name : `${candidate.group}/${candidate.name}`,
  );
  const freed = plan.nodesFreed.map(({ name }) => name);
  const frees = freed.length === 0 ? '' : `, which frees ${abridged(freed)}`;
  const headline = victims.length === 0 ? [] : [`${abridged(victims)} ${verb}${frees}`];
  return report([...headline, ...plan.warnings, ...problems], {
    ...(victims.length === 0 ? {} : { victims: victims.join(',') }),
    ...(freed.length === 0 ? {} : { 'nodes-freed': freed.join(',') }),
    ...(plan.isStep && victims.length > 0 ? { step: STEP } : {}),
  });
}

/** A report that warns whoever asked, and that nothing else goes with. */
export function warn(problem: string): SteeringReport {
  return report([problem], {});
}

/** Why nothing is to be steered now, which is nothing to warn of. */
export function note(steering: string): SteeringReport {
  return report([], { steering });
}
