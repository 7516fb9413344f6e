let double x = x * 2

let triple x = x * 3

let rec sum = function
  | [] -> 0
  | x :: rest -> x + sum rest

let () = print_int (sum [ double 1; triple 2; 3 ])
