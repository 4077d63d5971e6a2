/** Where everything stands in the picture of this cluster and its peers. Pixels; pure. */

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface TopologyLayout {
  readonly width: number
  readonly height: number
  readonly self: Box
  /** One for each peer, in their order. */
  readonly peers: readonly PlacedPeer[]
  /** Peers have no room for more than a line. */
  readonly isCompact: boolean
}

export interface PlacedPeer {
  readonly box: Box
  /** From this cluster to the peer. */
  readonly path: string
  /** Where the link has room for a word; left out where it has none. */
  readonly middle?: { readonly x: number; readonly y: number }
}

/** Below it, peers stand beneath this cluster, as on a phone. */
const WIDE_FROM_PX = 700
/** More than these in a column are drawn in one line each. */
const MAX_ROOMY = 4
const SELF = { width: 208, height: 96 }
const ROOMY = { width: 244, height: 86, gap: 16 }
const COMPACT = { width: 340, height: 34, gap: 6 }
const MIN_HEIGHT = 232
const MAX_PAIR = 760
const MARGIN = 4

export function layOutTopology(count: number, width: number): TopologyLayout {
  if (width < WIDE_FROM_PX) return layOutTree(count, width)
  return count <= 1 ? layOutPair(count, width) : layOutSides(count, width)
}

/** The two of them side by side, no further apart than a glance takes in. */
function layOutPair(count: number, width: number): TopologyLayout {
  const height = MIN_HEIGHT
  const span = Math.min(width - 2 * MARGIN, MAX_PAIR)
  const left = (width - span) / 2
  const middle = height / 2
  const self = {
    x: count === 0 ? (width - SELF.width) / 2 : left,
    y: middle - SELF.height / 2,
    ...SELF,
  }
  const peer = {
    x: left + span - ROOMY.width,
    y: middle - ROOMY.height / 2,
    width: ROOMY.width,
    height: ROOMY.height,
  }
  const peers = count === 0 ? [] : [linked(self, peer)]
  return { width, height, self, peers, isCompact: false }
}

/** This cluster in the middle, its peers in a column at each side. */
function layOutSides(count: number, width: number): TopologyLayout {
  const right = Math.ceil(count / 2)
  const isCompact = right > MAX_ROOMY
  const size = isCompact ? COMPACT : ROOMY
  const boxWidth = Math.min(size.width, (width - SELF.width - 120) / 2)
  const step = size.height + size.gap
  const height = Math.max(MIN_HEIGHT, right * step - size.gap + 2 * MARGIN)
  const self = { x: (width - SELF.width) / 2, y: (height - SELF.height) / 2, ...SELF }
  const boxes = Array.from({ length: count }, (_peer, index): Box => {
    const atRight = index < right
    const place = atRight ? index : index - right
    const inColumn = atRight ? right : count - right
    const top = (height - (inColumn * step - size.gap)) / 2
    return {
      x: atRight ? width - boxWidth - MARGIN : MARGIN,
      y: top + place * step,
      width: boxWidth,
      height: size.height,
    }
  })
  return {
    width,
    height,
    self,
    peers: boxes.map((box) => linked(self, box, isCompact)),
    isCompact,
  }
}

const TRUNK_X = 22
const INDENT = 44

/** This cluster on top, its peers as leaves of one trunk. */
function layOutTree(count: number, width: number): TopologyLayout {
  const isCompact = count > MAX_ROOMY
  const size = isCompact ? COMPACT : ROOMY
  const selfWidth = Math.min(width, SELF.width + 40)
  const self = { x: 0, y: 0, width: selfWidth, height: SELF.height }
  const first = SELF.height + 20
  const step = size.height + Math.min(size.gap, 10)
  const peers = Array.from({ length: count }, (_peer, index): PlacedPeer => {
    const y = first + index * step
    const middle = y + size.height / 2
    return {
      box: { x: INDENT, y, width: width - INDENT, height: size.height },
      path: `M${TRUNK_X} ${SELF.height}V${middle - 10}Q${TRUNK_X} ${middle} ${TRUNK_X + 10} ${middle}H${INDENT}`,
    }
  })
  const height = count === 0 ? SELF.height : first + count * step
  return { width, height, self, peers, isCompact }
}

/** A curve that leaves and arrives level. */
function linked(self: Box, box: Box, isCompact = false): PlacedPeer {
  const atRight = box.x > self.x
  const fromX = atRight ? self.x + self.width : self.x
  const toX = atRight ? box.x : box.x + box.width
  const fromY = self.y + self.height / 2
  const toY = box.y + box.height / 2
  const bend = (toX - fromX) / 2
  return {
    box,
    path: `M${fromX} ${fromY}C${fromX + bend} ${fromY} ${toX - bend} ${toY} ${toX} ${toY}`,
    ...(!isCompact && { middle: { x: (fromX + toX) / 2, y: (fromY + toY) / 2 } }),
  }
}
