import { Gauge, type Registry } from 'prom-client';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { countObjects } from './fleet-objects.ts';

export interface StateSources {
  readonly fleet: Fleet;
  /** Whether this replica does the background work. */
  readonly leads: () => boolean;
  /** When what the server presents stops being valid; null before it presents anything. */
  readonly certificateExpiry: () => Date | null;
}

/** The gauges of what is so when they are scraped, and how to say what only a forecast knows. */
export function collectState(registry: Registry, { fleet, leads, certificateExpiry }: StateSources) {
  const registers = [registry];
  let freeable: number | null = null;

  new Gauge({
    name: 'packdown_fleet_objects',
    help: 'Objects in the fleet as packdown has it now.',
    labelNames: ['kind'],
    registers,
    collect() {
      for (const [kind, count] of countObjects(fleet.snapshot())) this.set({ kind }, count);
    },
  });
  new Gauge({
    name: 'packdown_fleet_staleness_seconds',
    help: 'Seconds since the part of the fleet that was heard of least recently was heard of; +Inf before the first sync.',
    registers,
    collect() {
      this.set((fleet.staleness() ?? Number.POSITIVE_INFINITY) / 1000);
    },
  });
  new Gauge({
    name: 'packdown_leader',
    help: '1 for the replica that does the background work, 0 for the others.',
    registers,
    collect() {
      this.set(leads() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'packdown_certificate_expiry_timestamp_seconds',
    help: 'When the certificate that the webhooks are answered with stops being valid, in seconds since the epoch.',
    registers,
    collect() {
      const expiry = certificateExpiry();
      if (expiry === null) this.remove();
      else this.set(expiry.getTime() / 1000);
    },
  });
  new Gauge({
    name: 'packdown_nodes_freeable',
    help: 'Nodes that would be free if every workload shrank as far as the leader forecasts; only from the leader, and only where it looks ahead.',
    registers,
    collect() {
      if (freeable === null || !leads()) this.remove();
      else this.set(freeable);
    },
  });
  return {
    /** What the last forecast says; null without one. */
    setFreeable(nodes: number | null): void {
      freeable = nodes;
    },
  };
}
