import { admissionHandler, type OnAnswered } from '../admission/handler.ts';
import { mutate } from '../admission/mutate.ts';
import type { Steering } from '../admission/steering.ts';
import { validateAndSteer } from '../admission/validate.ts';
import { binpackWeights, type Config } from '../config/config.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { filter } from '../scheduler/filter.ts';
import { prioritize } from '../scheduler/prioritize.ts';
import { ADMISSION_BODY_LIMIT, type Route, SCHEDULER_BODY_LIMIT } from './route.ts';

export interface RouteOptions {
  readonly fleet: Fleet;
  readonly config: Config;
  readonly steering: Steering;
  /** Gives who is told of the answers at a path. */
  readonly onAnswered: (path: string) => OnAnswered;
}

/** Everything that port 8443 answers. */
export function routes({ fleet, config, steering, onAnswered }: RouteOptions): readonly Route[] {
  const weights = binpackWeights(config);
  return [
    {
      path: '/validate',
      bodyLimit: ADMISSION_BODY_LIMIT,
      handle: admissionHandler(
        (request) => validateAndSteer(request, fleet, config, steering),
        onAnswered('/validate'),
      ),
    },
    {
      path: '/mutate',
      bodyLimit: ADMISSION_BODY_LIMIT,
      handle: admissionHandler(
        (request) => mutate(request, fleet.snapshot(), config, fleet.staleness()),
        onAnswered('/mutate'),
      ),
    },
    {
      path: '/scheduler/filter',
      bodyLimit: SCHEDULER_BODY_LIMIT,
      handle: (body) => filter(body, fleet.snapshot(), fleet.staleness()),
    },
    {
      path: '/scheduler/prioritize',
      bodyLimit: SCHEDULER_BODY_LIMIT,
      handle: (body) => prioritize(body, fleet.snapshot(), weights),
    },
  ];
}
