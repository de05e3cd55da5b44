/** The cheapest of numbered items first, and of equally cheap ones the lowest number. */
export class CheapestFirst {
  private readonly costs: number[] = [];
  private readonly items: number[] = [];

  push(cost: number, item: number): void {
    let place = this.items.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.isBefore(cost, item, parent)) break;
      this.move(parent, place);
      place = parent;
    }
    this.costs[place] = cost;
    this.items[place] = item;
  }

  pop(): { readonly cost: number; readonly item: number } | undefined {
    const [cost, item] = [this.costs[0], this.items[0]];
    const [lastCost, lastItem] = [this.costs.pop(), this.items.pop()];
    if (cost === undefined || item === undefined || lastCost === undefined || lastItem === undefined) return undefined;
    const size = this.items.length;
    let place = 0;
    for (let child = 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && this.isBefore(this.costs[child + 1] ?? 0, this.items[child + 1] ?? 0, child)) child += 1;
      if (this.isBefore(lastCost, lastItem, child)) break;
      this.move(child, place);
      place = child;
    }
    if (size > 0) {
      this.costs[place] = lastCost;
      this.items[place] = lastItem;
    }
    return { cost, item };
  }

  private isBefore(cost: number, item: number, place: number): boolean {
    const other = this.costs[place] ?? 0;
    return cost < other || (cost === other && item < (this.items[place] ?? 0));
  }

  private move(from: number, to: number): void {
    this.costs[to] = this.costs[from] ?? 0;
    this.items[to] = this.items[from] ?? 0;
  }
}
