import type { VictimMark } from './victim-mark.ts';

/** Where a cost is written that no pod carries. */
export interface CostPlace {
  readonly group: string;
  readonly kind: string;
  /** The plural in the API's paths. */
  readonly resource: string;
  /** The annotation that the controller reads. */
  readonly annotation: string;
}

/** What carries a deletion cost. */
export interface Costed {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The cost as written, valid or not. */
  readonly cost: string | null;
  /** The annotation `packdown.io/cost-owner`: the cost that packdown wrote last. */
  readonly costOwner: string | null;
  /** The annotation `packdown.io/victim`: what packdown has marked to go with a scale-down. */
  readonly victim: VictimMark | null;
}
