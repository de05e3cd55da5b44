import type { Route } from '../http/route.ts';
import { ADMISSION_PATHS } from './label-values.ts';
import type { Metrics } from './metrics.ts';

/** The same routes, whose answers are timed: reviews by path, a scheduler's calls by the last part of theirs. */
export function timedRoutes(routes: readonly Route[], metrics: Metrics): readonly Route[] {
  return routes.map((route) => {
    const { path } = route;
    const isAdmission = ADMISSION_PATHS.some((one) => one === path);
    const verb = path.slice(path.lastIndexOf('/') + 1);
    const durations = isAdmission
      ? metrics.admissionDuration.series({ path })
      : metrics.extenderDuration.series({ verb });
    return { ...route, handle: timed(route.handle, durations) };
  });
}

/** Tells how many seconds each call takes, whatever becomes of it. */
function timed(handle: Route['handle'], tell: (seconds: number) => void): Route['handle'] {
  return (body, patience) => {
    const begin = performance.now();
    const end = () => tell((performance.now() - begin) / 1000);
    let handled: unknown;
    try {
      handled = handle(body, patience);
    } finally {
      if (!(handled instanceof Promise)) end();
    }
    return handled instanceof Promise ? handled.finally(end) : handled;
  };
}
