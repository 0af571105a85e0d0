import type { Outputs } from '@extropy/client'
import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceRadial,
  forceSimulation,
  type SimulationLinkDatum,
  type SimulationNodeDatum,
} from 'd3-force'

export type GraphNode = Outputs['attributions']['graph']['nodes'][number]

export interface Placed extends SimulationNodeDatum {
  readonly node: GraphNode
  x: number
  y: number
}

export interface Edge {
  readonly from: Placed
  readonly to: Placed
  readonly type: GraphNode['cites'][number]['type']
}

const stepLength = 130
/** So many come to rest, since they cool as fast as that. With 200, 150 cards took 80 to 290 ms, the first time the longest. */
const rounds = 120

/** Rings by distance around the card that was asked for, the same each time: the simulation begins where its nodes are put. */
export function layOut(nodes: readonly GraphNode[]): { placed: readonly Placed[]; edges: readonly Edge[] } {
  const placed = nodes.map((node, index): Placed => {
    const angle = index * 2.399963
    const radius = node.depth * stepLength
    const isCentre = node.depth === 0
    const [x, y] = [radius * Math.cos(angle), radius * Math.sin(angle)]
    return { node, x, y, ...(isCentre && { fx: 0, fy: 0 }) }
  })
  const byId = new Map(placed.map((each) => [each.node.cardId, each]))
  const edges = placed.flatMap((from) =>
    from.node.cites.flatMap(({ cardId, type }): Edge[] => {
      const to = byId.get(cardId)
      return to === undefined ? [] : [{ from, to, type }]
    }),
  )
  const links: SimulationLinkDatum<Placed>[] = edges.map(({ from, to }) => ({ source: from, target: to }))
  forceSimulation(placed)
    .alphaDecay(1 - 0.001 ** (1 / rounds))
    .force('link', forceLink(links).distance(stepLength).strength(0.3))
    .force('apart', forceManyBody().strength(-220).distanceMax(500))
    .force('ring', forceRadial<Placed>(({ node }) => node.depth * stepLength).strength(0.5))
    .force('room', forceCollide(26))
    .stop()
    .tick(rounds)
  return { placed, edges }
}

const directions: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
}

/** The nearest node in an arrow key's direction; undefined where there is none. */
export function neighbourTowards(placed: readonly Placed[], from: Placed, key: string): Placed | undefined {
  const [dx, dy] = directions[key] ?? [0, 0]
  const costs = placed.flatMap((to): [number, Placed][] => {
    const [x, y] = [to.x - from.x, to.y - from.y]
    const along = x * dx + y * dy
    const aside = Math.abs(x * dy) + Math.abs(y * dx)
    return to === from || along <= 0 || aside > 2 * along ? [] : [[along + 2 * aside, to]]
  })
  return costs.sort(([a], [b]) => a - b)[0]?.[1]
}
