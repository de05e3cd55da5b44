import type { Route } from '../http/route.ts';
import { ADMISSION_PATHS, verbLabel } from './label-values.ts';
import type { Metrics } from './metrics.ts';

/** The same routes, whose answers are timed: reviews by path, a scheduler's calls by the last part of theirs. */
export function timedRoutes(routes: readonly Route[], metrics: Metrics): readonly Route[] {
  return routes.map((route) => {
    const { path } = route;
    const isAdmission = ADMISSION_PATHS.some((one) => one === path);
    const verb = verbLabel(path.slice(path.lastIndexOf('/') + 1));
    const onHandled = isAdmission
      ? metrics.admissionDuration.series({ path })
      : metrics.extenderDuration.series({ verb });
    return { ...route, onHandled };
  });
}
