import { useState } from "react";

export function Counter({ start }: { start: number }) {
  const [count, setCount] = useState(start);

  return (
    <div className="counter">
      <h2>Counter</h2>
      <button onClick={() => setCount(count + 1)}>
        Add
      </button>
      <span>{count}</span>
    </div>
  );
}
