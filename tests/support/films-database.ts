// Written by mdl generate from what is published; change the models instead.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  /** What the server speaks, for the types of the client. */
  __InternalSupabase: { PostgrestVersion: '13' };
  api: {
    Tables: {
      "Città d'Italia": {
        Row: {
          id: number;
          'nome, cognome': string | null;
          select: number | null;
          'A"b': string | null;
          'ação': string | null;
        };
        Insert: {
          id: number;
          'nome, cognome'?: string | null;
          select?: number | null;
          'A"b'?: string | null;
          'ação'?: string | null;
        };
        Update: {
          id?: number;
          'nome, cognome'?: string | null;
          select?: number | null;
          'A"b'?: string | null;
          'ação'?: string | null;
        };
        Relationships: [];
      };
      actors: {
        Row: {
          id: number;
          name: string;
        };
        Insert: {
          id: number;
          name: string;
        };
        Update: {
          id?: number;
          name?: string;
        };
        Relationships: [];
      };
      employees: {
        Row: {
          id: number;
          name: string | null;
          manager_id: number | null;
        };
        Insert: {
          id: number;
          name?: string | null;
          manager_id?: number | null;
        };
        Update: {
          id?: number;
          name?: string | null;
          manager_id?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: 'employees_manager_id_fkey';
            columns: ['manager_id'];
            isOneToOne: false;
            referencedRelation: 'employees';
            referencedColumns: ['id'];
          },
        ];
      };
      /** All films */
      films: {
        Row: {
          id: number;
          title: string;
          director_id: number | null;
          year: number | null;
          rating: number | null;
          info: Json | null;
          seen: string | null;
          length: string | null;
          is_long: boolean | null;
          mood: string | null;
        };
        Insert: {
          id: number;
          title: string;
          director_id?: number | null;
          year?: number | null;
          rating?: number | null;
          info?: Json | null;
          seen?: string | null;
          length?: string | null;
          is_long?: boolean | null;
          mood?: string | null;
        };
        Update: {
          id?: number;
          title?: string;
          director_id?: number | null;
          year?: number | null;
          rating?: number | null;
          info?: Json | null;
          seen?: string | null;
          length?: string | null;
          is_long?: boolean | null;
          mood?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'films_director_fkey';
            columns: ['director_id'];
            isOneToOne: false;
            referencedRelation: 'directors';
            referencedColumns: ['id'];
          },
        ];
      };
      orders: {
        Row: {
          id: number;
          billing_id: number | null;
          shipping_id: number | null;
        };
        Insert: {
          id: number;
          billing_id?: number | null;
          shipping_id?: number | null;
        };
        Update: {
          id?: number;
          billing_id?: number | null;
          shipping_id?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: 'billing';
            columns: ['billing_id'];
            isOneToOne: false;
            referencedRelation: 'employees';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'shipping';
            columns: ['shipping_id'];
            isOneToOne: false;
            referencedRelation: 'employees';
            referencedColumns: ['id'];
          },
        ];
      };
      plots: {
        Row: {
          film_id: number;
          text: string | null;
          words: string | null;
        };
        Insert: {
          film_id: number;
          text?: string | null;
          words?: string | null;
        };
        Update: {
          film_id?: number;
          text?: string | null;
          words?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'plots_film_id_fkey';
            columns: ['film_id'];
            isOneToOne: true;
            referencedRelation: 'films';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'plots_film_id_fkey';
            columns: ['film_id'];
            isOneToOne: true;
            referencedRelation: 'long_films';
            referencedColumns: ['id'];
          },
        ];
      };
      roles: {
        Row: {
          film_id: number;
          actor_id: number;
          character: string | null;
        };
        Insert: {
          film_id: number;
          actor_id: number;
          character?: string | null;
        };
        Update: {
          film_id?: number;
          actor_id?: number;
          character?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'roles_actor_id_fkey';
            columns: ['actor_id'];
            isOneToOne: false;
            referencedRelation: 'actors';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'roles_film_id_fkey';
            columns: ['film_id'];
            isOneToOne: false;
            referencedRelation: 'films';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'roles_film_id_fkey';
            columns: ['film_id'];
            isOneToOne: false;
            referencedRelation: 'long_films';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Views: {
      directors: {
        Row: {
          id: number | null;
          name: string | null;
          country: string | null;
          born: string | null;
          tags: string[] | null;
        };
        Relationships: [];
      };
      long_films: {
        Row: {
          id: number | null;
          name: string | null;
          by: number | null;
          year: number | null;
        };
        Relationships: [
          {
            foreignKeyName: 'films_director_fkey';
            columns: ['by'];
            isOneToOne: false;
            referencedRelation: 'directors';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Functions: Record<never, never>;
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
};

type Schemas = Omit<Database, '__InternalSupabase'>;
type DefaultSchema = Schemas['api'];

export type Tables<
  NameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views']) | { schema: keyof Schemas },
  Name extends NameOrOptions extends { schema: infer S extends keyof Schemas } ? keyof (Schemas[S]['Tables'] & Schemas[S]['Views']) : never = never,
> = NameOrOptions extends { schema: infer S extends keyof Schemas }
  ? (Schemas[S]['Tables'] & Schemas[S]['Views'])[Name & keyof (Schemas[S]['Tables'] & Schemas[S]['Views'])] extends { Row: infer Found } ? Found : never
  : (DefaultSchema['Tables'] & DefaultSchema['Views'])[NameOrOptions & keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])] extends { Row: infer Found } ? Found : never;
export type TablesInsert<
  NameOrOptions extends keyof DefaultSchema['Tables'] | { schema: keyof Schemas },
  Name extends NameOrOptions extends { schema: infer S extends keyof Schemas } ? keyof Schemas[S]['Tables'] : never = never,
> = NameOrOptions extends { schema: infer S extends keyof Schemas }
  ? Schemas[S]['Tables'][Name & keyof Schemas[S]['Tables']] extends { Insert: infer Found } ? Found : never
  : DefaultSchema['Tables'][NameOrOptions & keyof DefaultSchema['Tables']] extends { Insert: infer Found } ? Found : never;
export type TablesUpdate<
  NameOrOptions extends keyof DefaultSchema['Tables'] | { schema: keyof Schemas },
  Name extends NameOrOptions extends { schema: infer S extends keyof Schemas } ? keyof Schemas[S]['Tables'] : never = never,
> = NameOrOptions extends { schema: infer S extends keyof Schemas }
  ? Schemas[S]['Tables'][Name & keyof Schemas[S]['Tables']] extends { Update: infer Found } ? Found : never
  : DefaultSchema['Tables'][NameOrOptions & keyof DefaultSchema['Tables']] extends { Update: infer Found } ? Found : never;
export type Enums<
  NameOrOptions extends keyof DefaultSchema['Enums'] | { schema: keyof Schemas },
  Name extends NameOrOptions extends { schema: infer S extends keyof Schemas } ? keyof Schemas[S]['Enums'] : never = never,
> = NameOrOptions extends { schema: infer S extends keyof Schemas }
  ? Schemas[S]['Enums'][Name & keyof Schemas[S]['Enums']]
  : DefaultSchema['Enums'][NameOrOptions & keyof DefaultSchema['Enums']];
export type CompositeTypes<
  NameOrOptions extends keyof DefaultSchema['CompositeTypes'] | { schema: keyof Schemas },
  Name extends NameOrOptions extends { schema: infer S extends keyof Schemas } ? keyof Schemas[S]['CompositeTypes'] : never = never,
> = NameOrOptions extends { schema: infer S extends keyof Schemas }
  ? Schemas[S]['CompositeTypes'][Name & keyof Schemas[S]['CompositeTypes']]
  : DefaultSchema['CompositeTypes'][NameOrOptions & keyof DefaultSchema['CompositeTypes']];
