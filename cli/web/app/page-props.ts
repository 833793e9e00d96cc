/** What a page is given: the rest of the path behind its own, `gold.vendas_por_mes` of `/ui/explore/gold.vendas_por_mes`. */
export interface PageProps {
  readonly rest: string;
}
