import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A service's metrics: those of its loop, of its process, and what it adds to the registry. */
export interface ServiceMetrics {
  readonly registry: Registry;
  readonly ticks: Counter<'outcome'>;
  readonly tickSeconds: Histogram;
  readonly round: Gauge;
  readonly stage: Gauge<'stage'>;
  readonly stuck: Gauge<'kind'>;
}

/** Opens a registry with the metrics that every service has. */
export function openMetrics(service: string): ServiceMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    ticks: new Counter({
      name: 'tiltyard_ticks_total',
      help: 'Ticks of the service, by outcome: ok, conflict or failed.',
      labelNames: ['outcome'],
      registers,
    }),
    tickSeconds: new Histogram({
      name: 'tiltyard_tick_seconds',
      help: 'How long a tick took.',
      buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
      registers,
    }),
    round: new Gauge({ name: 'tiltyard_round', help: 'The round that the last tick saw.', registers }),
    stage: new Gauge({
      name: 'tiltyard_stage',
      help: '1 for the stage that the last tick saw.',
      labelNames: ['stage'],
      registers,
    }),
    stuck: new Gauge({
      name: 'tiltyard_stuck',
      help: 'What does not go on, after the last tick: how many of each kind.',
      labelNames: ['kind'],
      registers,
    }),
  };
}
