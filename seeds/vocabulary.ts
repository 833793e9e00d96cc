/** Words that the shop's customers and products are made of. */
export const givenNames = ['Ana', 'Antônio', 'Beatriz', 'Bruno', 'Caio', 'Camila', 'Carlos', 'Cauã', 'Cecília', 'Conceição', 'Daniel', 'Débora', 'Diego', 'Eduardo', 'Érica', 'Fábio', 'Fernanda', 'Flávia', 'Francisco', 'Gabriel', 'Giovana', 'Glória', 'Gustavo', 'Helena', 'Heloísa', 'Igor', 'Inês', 'Isabela', 'Ítalo', 'Jéssica', 'João', 'José', 'Joaquim', 'Júlia', 'Karina', 'Laís', 'Larissa', 'Letícia', 'Luana', 'Lucas', 'Luís', 'Luíza', 'Marcelo', 'Márcia', 'Maria', 'Mariana', 'Mateus', 'Mônica', 'Natália', 'Nélson', 'Otávio', 'Patrícia', 'Paulo', 'Pedro', 'Rafael', 'Raquel', 'Renata', 'Ricardo', 'Rodrigo', 'Rosângela', 'Sandra', 'Sebastião', 'Sofia', 'Tânia', 'Thiago', 'Úrsula', 'Valéria', 'Vinícius', 'Vitória', 'Wesley', 'Yasmin', 'Zélia'] as const;

export const familyNames = ['Almeida', 'Alves', 'Andrade', 'Araújo', 'Azevedo', 'Barbosa', 'Barros', 'Batista', 'Borges', 'Brandão', 'Campos', 'Cardoso', 'Carvalho', 'Castro', 'Cavalcânti', 'Conceição', 'Correia', 'Costa', 'Cunha', 'Dias', 'Duarte', 'Farias', 'Fernandes', 'Ferreira', 'Fonseca', 'Freitas', 'Gomes', 'Gonçalves', 'Guimarães', 'Lima', 'Lopes', 'Macêdo', 'Machado', 'Magalhães', 'Marques', 'Martins', 'Melo', 'Mendes', 'Miranda', 'Monteiro', 'Moraes', 'Moreira', 'Nascimento', 'Nogueira', 'Nunes', 'Oliveira', 'Pereira', 'Pinto', 'Queirós', 'Ramos', 'Reis', 'Ribeiro', 'Rocha', 'Rodrigues', 'Sá', 'Santana', 'Santos', 'Silva', 'Simões', 'Soares', 'Souza', 'Tavares', 'Teixeira', 'Vieira'] as const;

/** City, state, area code, weight. */
export const cities = [
  ['São Paulo', 'SP', 11, 240], ['Campinas', 'SP', 19, 40], ['Santos', 'SP', 13, 22], ['Ribeirão Preto', 'SP', 16, 26], ['São José dos Campos', 'SP', 12, 24],
  ['Rio de Janeiro', 'RJ', 21, 130], ['Niterói', 'RJ', 21, 26], ['Petrópolis', 'RJ', 24, 10], ['Belo Horizonte', 'MG', 31, 84], ['Uberlândia', 'MG', 34, 24], ['Juiz de Fora', 'MG', 32, 18],
  ['Vitória', 'ES', 27, 16], ['Curitiba', 'PR', 41, 70], ['Londrina', 'PR', 43, 22], ['Florianópolis', 'SC', 48, 30], ['Joinville', 'SC', 47, 24], ['Porto Alegre', 'RS', 51, 62], ['Caxias do Sul', 'RS', 54, 16],
  ['Salvador', 'BA', 71, 64], ['Feira de Santana', 'BA', 75, 14], ['Recife', 'PE', 81, 48], ['Fortaleza', 'CE', 85, 54], ['Natal', 'RN', 84, 20], ['João Pessoa', 'PB', 83, 18], ['Maceió', 'AL', 82, 15], ['Aracaju', 'SE', 79, 12],
  ['Teresina', 'PI', 86, 13], ['São Luís', 'MA', 98, 18], ['Belém', 'PA', 91, 26], ['Manaus', 'AM', 92, 30], ['Macapá', 'AP', 96, 5], ['Boa Vista', 'RR', 95, 4], ['Rio Branco', 'AC', 68, 4], ['Porto Velho', 'RO', 69, 7],
  ['Palmas', 'TO', 63, 6], ['Goiânia', 'GO', 62, 40], ['Brasília', 'DF', 61, 60], ['Cuiabá', 'MT', 65, 14], ['Campo Grande', 'MS', 67, 16],
] as const;

/** Category, lowest and highest price in reais, things, kinds. */
export const catalog = [
  ['Eletrônicos', 80, 3500, ['Fone de Ouvido', 'Caixa de Som', 'Smartwatch', 'Carregador Portátil', 'Câmera', 'Teclado', 'Mouse', 'Monitor', 'Roteador'], ['Bluetooth', 'Pro', 'Mini', 'Sem Fio', 'Gamer', 'Compacto']],
  ['Casa e Cozinha', 15, 900, ['Panela', 'Jogo de Facas', 'Liquidificador', 'Cafeteira', 'Luminária', 'Tapete', 'Jogo de Lençóis', 'Garrafa Térmica', 'Organizador'], ['Inox', 'Antiaderente', 'Clássico', 'Retrô', 'Grande', 'Dobrável']],
  ['Moda', 25, 450, ['Camiseta', 'Calça Jeans', 'Vestido', 'Jaqueta', 'Tênis', 'Sandália', 'Bolsa', 'Boné', 'Meia'], ['Algodão', 'Slim', 'Estampada', 'Básica', 'Infantil', 'Premium']],
  ['Beleza', 12, 320, ['Xampu', 'Perfume', 'Hidratante', 'Batom', 'Protetor Solar', 'Kit de Pincéis', 'Óleo Capilar'], ['Nutritivo', 'Floral', 'Açaí', 'Maracujá', 'Matte', 'Sensível']],
  ['Esportes', 20, 1500, ['Bola', 'Bicicleta', 'Halteres', 'Tapete de Ioga', 'Mochila', 'Corda', 'Barraca'], ['Profissional', 'Leve', 'Ajustável', 'Trilha', 'Urbana']],
  ['Livros', 18, 160, ['Romance', 'Biografia', 'Guia de Viagem', 'Livro de Receitas', 'Coleção Infantil', 'Poesia'], ['Volume 1', 'Volume 2', 'Edição de Bolso', 'Ilustrado', 'Capa Dura']],
  ['Brinquedos', 15, 400, ['Quebra-Cabeça', 'Blocos de Montar', 'Boneca', 'Carrinho', 'Jogo de Tabuleiro', 'Pelúcia'], ['Educativo', 'Clássico', 'Gigante', 'Madeira', 'Musical']],
  ['Alimentos', 8, 120, ['Café', 'Chocolate', 'Castanha', 'Mel', 'Azeite', 'Chá', 'Doce de Leite'], ['Orgânico', 'Torrado', '70%', 'Silvestre', 'Gourmet', 'Artesanal']],
] as const;

