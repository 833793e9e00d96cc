import { catalog } from './catalog.ts';
import { dashboard } from './dashboard.ts';
import { explore } from './explore.ts';
import { lineage } from './lineage.ts';
import { runs } from './runs.ts';
import type { Texts } from './texts.ts';

export const ptBR: Texts = {
  app: {
    dashboards: 'Painéis',
    explore: 'Explorar',
    catalog: 'Catálogo',
    lineage: 'Linhagem',
    runs: 'Execuções',
    skip: 'Ir para o conteúdo',
    navigation: 'Principal',
    language: 'Idioma',
    theme: { label: 'Tema', auto: 'Como o sistema', light: 'Claro', dark: 'Escuro' },
    published: (when) => `Dados de ${when}`,
    neverPublished: 'Nada foi publicado ainda',
    notFound: 'Esta página não existe.',
    home: 'Ir para os painéis',
    loading: 'Carregando…',
    retry: 'Tentar de novo',
    failed: 'Não funcionou',
    offline: 'O servidor não responde. Tentando de novo…',
    close: 'Fechar',
    copy: 'Copiar',
    copied: 'Copiado',
  },
  dashboard: dashboard.ptBR,
  explore: explore.ptBR,
  catalog: catalog.ptBR,
  lineage: lineage.ptBR,
  runs: runs.ptBR,
  session: {
    signIn: 'Entrar',
    signOut: 'Sair',
    operator: 'Operador',
    key: 'Chave de acesso',
    hint: 'A chave do operador (serve.admin), ou uma chave ou token da API.',
    wrong: 'Esta chave não é conhecida.',
    needed: 'Entre para ver isto.',
    neededHint:
      'O catálogo e as execuções mostram SQL e linhas de todas as camadas. Eles aparecem na própria máquina do servidor e para operadores que entraram.',
    noKey: 'Nenhuma chave de operador está definida: serve: { admin: … } na configuração.',
  },
};
