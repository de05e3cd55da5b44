import { admissionHandler, type OnAnswered } from '../admission/handler.ts';
import { mutate } from '../admission/mutate.ts';
import type { Steering } from '../admission/steering.ts';
import { validateAndSteer } from '../admission/validate.ts';
import { ADMISSION_BODY_LIMIT, type Route } from './route.ts';
import { type SchedulerRouteOptions, schedulerRoutes } from './scheduler-routes.ts';

export interface RouteOptions extends Omit<SchedulerRouteOptions, 'catchUp'> {
  readonly steering: Steering;
  /** Gives who is told of the answers at a path. */
  readonly onAnswered: (path: string) => OnAnswered;
}

/** Everything that port 8443 answers. */
export function routes(options: RouteOptions): readonly Route[] {
  const { fleet, config, steering, onAnswered } = options;
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
    ...schedulerRoutes({ ...options, catchUp: () => steering.catchUp() }),
  ];
}
