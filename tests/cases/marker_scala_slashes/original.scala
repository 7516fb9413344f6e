object Words {
  def count(text: String): Map[String, Int] =
    text.split(" ").groupBy(identity).map { case (word, all) => word -> all.length }

  def longest(text: String): String =
    text.split(" ").maxBy(_.length)
}
