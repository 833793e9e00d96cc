/** Columns of numbers that name things and measure nothing: ids, years, places in an order. */
export const isNameLike =
  /^(id|ano|year|mes|month|dia|day|semana|week|posicao|rank|ordem)$|_id$|^id_|cod|num(ero)?$/i;
