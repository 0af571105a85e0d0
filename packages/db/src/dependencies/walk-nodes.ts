import type {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  IdentifierNode,
  OperationNode,
  OperatorNode,
  ParensNode,
  RawNode,
  ReferenceNode,
  TableNode,
  ValueNode,
} from 'kysely'

/** Calls `visit` with a node and all below it; where `visit` returns false, the nodes below are left out. */
export function walkNodes(node: unknown, visit: (node: OperationNode) => boolean): void {
  if (Array.isArray(node)) {
    for (const each of node) walkNodes(each, visit)
    return
  }
  if (!isNode(node) || !visit(node)) return
  for (const [name, child] of Object.entries(node)) {
    // A value is data, whatever it looks like.
    if (typeof child === 'object' && child !== null && name !== 'value') walkNodes(child, visit)
    else if (isNode(child)) walkNodes(child, visit)
  }
}

export function isKind<Node extends OperationNode>(node: OperationNode | undefined, kind: Node['kind']): node is Node {
  return node?.kind === kind
}

/** The conditions of a conjunction, which must all hold, parentheses taken off. */
export function conjunctsOf(node: OperationNode | undefined): OperationNode[] {
  if (node === undefined) return []
  if (isKind<ParensNode>(node, 'ParensNode')) return conjunctsOf(node.node)
  if (isKind<AndNode>(node, 'AndNode')) return [...conjunctsOf(node.left), ...conjunctsOf(node.right)]
  return [node]
}

/** `a = b` or `a in (…)`. */
export function comparisonOf(node: OperationNode): { left: OperationNode; right: OperationNode; isIn: boolean } | null {
  if (!isKind<BinaryOperationNode>(node, 'BinaryOperationNode')) return null
  const { operator, leftOperand, rightOperand } = node
  const name = isKind<OperatorNode>(operator, 'OperatorNode') ? operator.operator : undefined
  if (name !== '=' && name !== 'in') return null
  return { left: unwrapped(leftOperand), right: unwrapped(rightOperand), isIn: name === 'in' }
}

/** `sql.lit` and `sql.ref` wrap one node in raw SQL without a text of its own. */
function unwrapped(node: OperationNode): OperationNode {
  if (!isKind<RawNode>(node, 'RawNode')) return node
  const [only] = node.parameters
  const isBare = node.parameters.length === 1 && node.sqlFragments.every((fragment) => fragment === '')
  return isBare && only !== undefined ? unwrapped(only) : node
}

export function tableNameOf(node: TableNode): string {
  const { schema, identifier } = node.table
  return schema === undefined || schema.name === 'public' ? identifier.name : `${schema.name}.${identifier.name}`
}

export interface Reference {
  /** The table's name or alias, where one is written. */
  readonly of: string | undefined
  readonly column: string
}

/** Undefined for `table.*` and for all that is no reference. */
export function referenceOf(node: OperationNode): Reference | undefined {
  if (!isKind<ReferenceNode>(node, 'ReferenceNode') || node.column.kind !== 'ColumnNode') return undefined
  return { of: node.table?.table.identifier.name, column: node.column.column.name }
}

export function isValue(node: OperationNode): node is ValueNode {
  return node.kind === 'ValueNode'
}

function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string'
}

/** An alias's own node, or the node itself. */
export function behindAlias(node: OperationNode): { node: OperationNode; alias: string | undefined } {
  if (!isKind<AliasNode>(node, 'AliasNode')) return { node, alias: undefined }
  const alias = isKind<IdentifierNode>(node.alias, 'IdentifierNode') ? node.alias.name : undefined
  return { node: node.node, alias }
}
