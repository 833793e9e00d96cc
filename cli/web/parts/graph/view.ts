import { type Signal, signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';

/** What part of a drawing is seen: its origin in pixels of the frame, and its scale. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

const smallest = 0.04;
const largest = 2;
const margin = 24;
/** Smaller than this, names cannot be read. */
export const readable = 0.5;
/** A pointer that moves less than this clicks. */
const still = 4;

export interface PanZoom {
  readonly view: Signal<View>;
  /** Shows all of the drawing. */
  fit(drawing: Size): void;
  /** Bigger or smaller around a point of the frame, or its middle. */
  zoom(factor: number, around?: { readonly x: number; readonly y: number }): void;
  pan(dx: number, dy: number): void;
  /** Moves as little as needed for a box to be seen. */
  reveal(box: Box): void;
  /** Shows a box in the middle, as far as no room is left empty beside the drawing. */
  centre(box: Box, drawing: Size): void;
}

/**
 * Lets a frame be moved and magnified: by pointers, wheel and pinching.
 * @param needsKey the wheel belongs to the page, unless Ctrl is held
 */
export function usePanZoom(frame: RefObject<HTMLElement | null>, needsKey: boolean): PanZoom {
  const own = useMemo(() => panZoom(frame), [frame]);
  useEffect(() => follow(frame.current!, own, needsKey), [frame, own, needsKey]);
  return own;
}

function panZoom(frame: RefObject<HTMLElement | null>): PanZoom {
  const view = signal<View>({ x: margin, y: margin, scale: 1 });
  const size = (): Size => ({
    width: frame.current?.clientWidth ?? 0,
    height: frame.current?.clientHeight ?? 0,
  });
  const bounded = (scale: number) => Math.max(smallest, Math.min(largest, scale));
  const pan = (dx: number, dy: number) => {
    const { x, y, scale } = view.value;
    view.value = { x: x + dx, y: y + dy, scale };
  };
  return {
    view,
    pan,
    fit({ width, height }) {
      const seen = size();
      const scale = bounded(
        Math.min((seen.width - 2 * margin) / width, (seen.height - 2 * margin) / height, 1),
      );
      view.value = {
        x: (seen.width - width * scale) / 2,
        y: (seen.height - height * scale) / 2,
        scale,
      };
    },
    zoom(factor, around) {
      const { x, y, scale } = view.value;
      const seen = size();
      const at = around ?? { x: seen.width / 2, y: seen.height / 2 };
      const next = bounded(scale * factor);
      const ratio = next / scale;
      view.value = { x: at.x - (at.x - x) * ratio, y: at.y - (at.y - y) * ratio, scale: next };
    },
    reveal({ x, y, width, height }) {
      const now = view.value;
      const seen = size();
      const left = now.x + x * now.scale;
      const top = now.y + y * now.scale;
      const right = left + width * now.scale;
      const bottom = top + height * now.scale;
      pan(
        left < margin ? margin - left : Math.min(0, seen.width - margin - right),
        top < margin ? margin - top : Math.min(0, seen.height - margin - bottom),
      );
    },
    centre({ x, y, width, height }, drawing) {
      const { scale } = view.value;
      const seen = size();
      const along = (middle: number, all: number, room: number) =>
        all + 2 * margin <= room
          ? (room - all) / 2
          : Math.max(room - margin - all, Math.min(margin, room / 2 - middle));
      view.value = {
        x: along((x + width / 2) * scale, drawing.width * scale, seen.width),
        y: along((y + height / 2) * scale, drawing.height * scale, seen.height),
        scale,
      };
    },
  };
}

function follow(frame: HTMLElement, { pan, zoom }: PanZoom, needsKey: boolean): () => void {
  const pointers = new Map<number, { x: number; y: number }>();
  let isMoving = false;
  let began = { x: 0, y: 0 };
  const at = ({ clientX, clientY }: MouseEvent) => {
    const { left, top } = frame.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const listeners = new AbortController();
  const { signal } = listeners;
  frame.addEventListener(
    'wheel',
    (event) => {
      if (needsKey && !event.ctrlKey) return;
      event.preventDefault();
      if (event.shiftKey) return pan(-event.deltaX - event.deltaY, 0);
      // A pinch on a touchpad comes as a wheel with Ctrl, in small steps.
      zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), at(event));
    },
    { passive: false, signal },
  );
  frame.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      pointers.set(event.pointerId, at(event));
      if (pointers.size === 1) {
        isMoving = false;
        began = at(event);
      }
    },
    { signal },
  );
  frame.addEventListener(
    'pointermove',
    (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const now = at(event);
      if (!isMoving && pointers.size === 1 && Math.hypot(now.x - began.x, now.y - began.y) < still) return;
      // Only now: a pointer that is captured clicks on nothing below it.
      if (!isMoving) frame.setPointerCapture(event.pointerId);
      isMoving = true;
      pointers.set(event.pointerId, now);
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      if (!other) return pan(now.x - before.x, now.y - before.y);
      const distance = (point: { x: number; y: number }) => Math.hypot(point.x - other.x, point.y - other.y);
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      pan((now.x - before.x) / 2, (now.y - before.y) / 2);
      if (distance(before) > 0) zoom(distance(now) / distance(before), middle);
    },
    { signal },
  );
  const lift = ({ pointerId }: PointerEvent) => {
    pointers.delete(pointerId);
    // After the click that ends a move.
    setTimeout(() => {
      if (pointers.size === 0) isMoving = false;
    });
  };
  for (const name of ['pointerup', 'pointercancel'] as const) window.addEventListener(name, lift, { signal });
  frame.addEventListener(
    'click',
    (event) => {
      // The end of a move is no click.
      if (isMoving) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    { capture: true, signal },
  );
  frame.addEventListener('dragstart', (event) => event.preventDefault(), { signal });
  return () => listeners.abort();
}
