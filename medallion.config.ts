import { csv, defineConfig } from 'medallion';

export default defineConfig({
  name: 'loja',
  // Without DATABASE_URL: an embedded Postgres in .medallion/.
  database: process.env.DATABASE_URL,
  sources: { loja: csv({ dir: 'seeds' }) },
  bronze: {
    // Customers repeat with newer contact data: all of them reach bronze, and silver.clientes chooses.
    clientes: {
      from: 'loja.clientes',
      description: 'Customers as the shop exports them, repeated ones included',
    },
    produtos: { from: 'loja.produtos', description: 'Products as the shop exports them' },
    // An order that is exported again has a newer status: the last record of an id counts.
    pedidos: {
      from: 'loja.pedidos',
      key: 'id_pedido',
      load: 'upsert',
      description: 'Orders as the shop exports them, one row for each id',
    },
  },
  layers: { silver: { materialized: 'table' }, gold: { materialized: 'table' } },
  grants: { gold: { select: ['anon', 'authenticated'] } },
  dashboards: {
    vendas: { title: { 'pt-BR': 'Vendas', en: 'Sales' }, range: '12 months' },
    clientes: { title: { 'pt-BR': 'Clientes', en: 'Customers' } },
  },
  serve: {
    title: { 'pt-BR': 'Loja', en: 'Shop' },
    currency: 'BRL',
    aggregates: true,
    // What columns are called in the web app, where their names do not say it.
    labels: {
      receita: { 'pt-BR': 'Receita', en: 'Revenue' },
      media_movel_7d: { 'pt-BR': 'Média de 7 dias', en: 'Average of 7 days' },
      pedidos: { 'pt-BR': 'Pedidos', en: 'Orders' },
      clientes: { 'pt-BR': 'Clientes', en: 'Customers' },
      itens: { 'pt-BR': 'Itens', en: 'Items' },
      dia: { 'pt-BR': 'Dia', en: 'Day' },
      mes: { 'pt-BR': 'Mês', en: 'Month' },
      categoria: { 'pt-BR': 'Categoria', en: 'Category' },
      cidade: { 'pt-BR': 'Cidade', en: 'City' },
      estado: { 'pt-BR': 'Estado', en: 'State' },
      posicao: '#',
      nome_produto: { 'pt-BR': 'Produto', en: 'Product' },
      segmento: { 'pt-BR': 'Segmento', en: 'Segment' },
      ativo: { 'pt-BR': 'Ativo', en: 'Active' },
      coorte: { 'pt-BR': 'Coorte', en: 'Cohort' },
      meses_depois: { 'pt-BR': 'Meses depois', en: 'Months after' },
      tamanho_coorte: { 'pt-BR': 'Tamanho da coorte', en: 'Size of the cohort' },
      retencao_pct: { 'pt-BR': 'Retenção (%)', en: 'Retention (%)' },
      recencia_dias: { 'pt-BR': 'Recência (dias)', en: 'Recency (days)' },
      valor: { 'pt-BR': 'Valor', en: 'Value' },
      forma_pagamento: { 'pt-BR': 'Forma de pagamento', en: 'Form of payment' },
      ticket_medio: { 'pt-BR': 'Ticket médio', en: 'Average order' },
      clientes_compradores: { 'pt-BR': 'Clientes que compraram', en: 'Customers who bought' },
      clientes_ativos: { 'pt-BR': 'Clientes ativos', en: 'Active customers' },
    },
  },
  vars: { recencia_ativa: 90 },
});
