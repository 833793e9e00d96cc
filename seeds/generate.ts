/**
 * Writes the demo shop's export: run with `node --import jiti/register seeds/generate.ts`. The same bytes come out every time.
 * What is dirty here is cleaned in models/silver, which document how.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { age, date, email, misCased, phone, price, strayed } from './dirt.ts';
import { drawer, Random } from './random.ts';
import { catalog, cities, familyNames, givenNames } from './vocabulary.ts';

const folder = dirname(fileURLToPath(import.meta.url));
const dayMs = 86_400_000;
const firstDay = Date.UTC(2023, 0, 1);
const days = Math.round((Date.UTC(2025, 11, 31) - firstDay) / dayMs) + 1;

function csvLine(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\n`;
}

interface Customer {
  readonly id: string;
  readonly joined: number;
  readonly appetite: number;
  readonly lifetime: number;
}

/** Customers join over the three years, more each month; some repeat with newer contact data. */
function customers(random: Random): { lines: string[]; customers: Customer[] } {
  const rows: Customer[] = [];
  const lines: string[] = [];
  const draw = drawer(cities.map(([, , , weight]) => weight));
  const line = (id: string, joined: number) => {
    const name = `${random.pick(givenNames)}${random.chance(0.2) ? ` ${random.pick(givenNames)}` : ''} ${random.chance(0.25) ? `${random.pick(['de', 'da', 'dos'])} ` : ''}${random.pick(familyNames)}${random.chance(0.4) ? ` ${random.pick(familyNames)}` : ''}`;
    const [city, state, area] = cities[draw(random)]!;
    return [
      id,
      strayed(misCased(name, random), random),
      email(name, random, joined),
      phone(area, random),
      strayed(misCased(city, random), random),
      random.chance(0.04) ? state.toLowerCase() : state,
      age(random),
      date(new Date(firstDay + joined * dayMs), random),
    ];
  };
  for (let n = 1; n <= 4880; n++) {
    const joined = n <= 260 ? random.integer(0, 20) : Math.floor(days * Math.sqrt(random.next()) * 0.97);
    const id = `C${String(n).padStart(5, '0')}`;
    rows.push({
      id,
      joined,
      appetite: 0.2 + random.next() ** 4 * 9,
      lifetime: random.chance(0.35) ? 45 + random.integer(0, 120) : 200 + random.integer(0, 1400),
    });
    lines.push(csvLine(line(id, joined)));
  }
  for (let n = 0; n < 120; n++) {
    const again = random.pick(rows);
    lines.splice(
      random.integer(1000, lines.length),
      0,
      csvLine(
        line(
          random.chance(0.2) ? ` ${again.id}` : again.id,
          Math.min(days - 1, again.joined + random.integer(1, 200)),
        ),
      ),
    );
  }
  return {
    lines: [
      csvLine(['id_cliente', 'nome', 'email', 'telefone', 'cidade', 'estado', 'idade', 'data_cadastro']),
      ...lines,
    ],
    customers: rows,
  };
}

interface Product {
  readonly id: string;
  readonly price: number;
  readonly christmas: boolean;
}

function products(random: Random): { lines: string[]; products: Product[] } {
  const rows: Product[] = [];
  const lines: string[] = [csvLine(['id_produto', 'nome_produto', 'categoria', 'preco', 'estoque'])];
  for (let n = 1; n <= 500; n++) {
    const [category, low, high, things, kinds] = catalog[random.weighted([16, 18, 20, 12, 10, 9, 8, 7])]!;
    const value = Math.round((low + (high - low) * random.next() ** 3) * 100) / 100 - 0.1;
    const id = `P${String(n).padStart(4, '0')}`;
    rows.push({
      id,
      price: Math.max(5, Math.round(value * 100) / 100),
      christmas: category === 'Brinquedos' || category === 'Eletrônicos',
    });
    const name = `${random.pick(things)} ${random.pick(kinds)}${random.chance(0.1) ? ` ${random.integer(2, 40)}"` : ''}`;
    const stock = random.chance(0.03) ? random.pick(['', 'esgotado', '-1']) : String(random.integer(0, 400));
    lines.push(
      csvLine([
        id,
        strayed(name, random),
        strayed(misCased(category, random), random),
        price(rows.at(-1)!.price, random),
        stock,
      ]),
    );
  }
  return { lines, products: rows };
}

/** How busy a day is: growth, weekday, Mother's Day, Black Friday, Christmas. */
function demand(day: number): number {
  const when = new Date(firstDay + day * dayMs);
  const [month, dayOfMonth] = [when.getUTCMonth() + 1, when.getUTCDate()];
  const weekday = [0.85, 1.15, 1.1, 1.05, 1.0, 0.95, 0.8][when.getUTCDay()]!;
  const growth = 1 + (1.6 * day) / days;
  let season = [0.85, 0.8, 0.95, 0.95, 1.1, 1.05, 0.95, 1.05, 0.95, 1.0, 1.25, 1.5][month - 1]!;
  if (month === 11 && dayOfMonth >= 21 && dayOfMonth <= 30) season *= when.getUTCDay() === 5 ? 4.5 : 1.7;
  if (month === 12 && dayOfMonth > 23) season *= 0.35;
  if (month === 5 && dayOfMonth >= 5 && dayOfMonth <= 12) season *= 1.5;
  return weekday * growth * season;
}

const statuses = [
  ['entregue', 'Entregue', 'ENTREGUE', 'entregue '],
  ['enviado', 'Enviado', 'ENVIADO'],
  ['processando', 'Processando', 'em processamento'],
  ['cancelado', 'Cancelado', 'CANCELADO', 'Cancelada'],
  ['devolvido', 'Devolvido'],
] as const;
const payments = [
  'pix',
  'Pix',
  'PIX',
  'cartão de crédito',
  'Cartão de Crédito',
  'cartao',
  'boleto',
  'Boleto',
  'débito',
] as const;

function orders(random: Random, customers: readonly Customer[], products: readonly Product[]): string[] {
  const drawDay = drawer(Array.from({ length: days }, (_, day) => demand(day)));
  const drawCustomer = drawer(customers.map((customer) => customer.appetite));
  const popularity = products.map((_, i) => 1 / (i + 4) ** 0.85);
  for (let i = popularity.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [popularity[i], popularity[j]] = [popularity[j]!, popularity[i]!];
  }
  const drawProduct = drawer(popularity);
  const drawn: { day: number; customer: string; product: Product }[] = [];
  while (drawn.length < 99_400) {
    const day = drawDay(random);
    const customer = customers[drawCustomer(random)]!;
    const since = day - customer.joined;
    if (since < 0 || since > customer.lifetime) continue;
    const product = products[drawProduct(random)]!;
    const month = new Date(firstDay + day * dayMs).getUTCMonth();
    if (month >= 10 && !product.christmas && random.chance(0.3)) continue;
    drawn.push({ day, customer: customer.id, product });
  }
  drawn.sort((a, b) => a.day - b.day);
  const lines = drawn.map(({ day, customer, product }, n) =>
    orderLine(random, n + 1, day, customer, product),
  );
  // Later exports repeat some orders with a newer status, and some point to customers who were deleted.
  for (let n = 0; n < 600; n++) {
    const i = random.integer(0, drawn.length - 1);
    const { day, customer, product } = drawn[i]!;
    lines.push(orderLine(random, i + 1, day, customer, product));
  }
  return [
    csvLine([
      'id_pedido',
      'id_cliente',
      'id_produto',
      'quantidade',
      'preco_unitario',
      'valor_total',
      'status',
      'data_pedido',
      'forma_pagamento',
    ]),
    ...lines,
  ];
}

function orderLine(random: Random, n: number, day: number, customer: string, product: Product): string {
  const quantity = 1 + random.weighted([60, 22, 9, 5, 4]);
  const unit = Math.round(product.price * (0.85 + 0.3 * random.next()) * 100) / 100;
  const who = random.chance(0.004)
    ? `C9${String(random.integer(0, 9999)).padStart(4, '0')}`
    : random.chance(0.002)
      ? ''
      : customer;
  const old = day < days - 12;
  const status = random.pick(statuses[random.weighted(old ? [86, 3, 1, 7, 3] : [20, 40, 32, 7, 1])]!);
  const shown = random.chance(0.003) ? random.pick(['0', '-1', 'um']) : String(quantity);
  return csvLine([
    `PED${String(n).padStart(6, '0')}`,
    who,
    product.id,
    shown,
    price(unit, random),
    random.chance(0.02) ? '' : price(Math.round(unit * quantity * 100) / 100, random),
    status,
    date(new Date(firstDay + day * dayMs), random),
    random.chance(0.01) ? '' : random.pick(payments),
  ]);
}

const random = new Random(20_230_101);
const people = customers(random);
const things = products(random);
const sold = orders(random, people.customers, things.products);
writeFileSync(join(folder, 'clientes.csv'), people.lines.join(''));
writeFileSync(join(folder, 'produtos.csv'), things.lines.join(''));
writeFileSync(join(folder, 'pedidos.csv'), sold.join(''));
