#include "services/schema/expression_tree.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

namespace {

using Tree = absl::optional<std::string>;

constexpr int kMaxDepth = 200;

std::string Node(absl::string_view what, std::initializer_list<std::string> operands) {
  return absl::StrCat("(", what, " ", absl::StrJoin(operands, " "), ")");
}

// Names that both flavours use for the same function.
std::string FunctionName(const std::string& name) {
  if (name == "now" || name == "localtime" || name == "localtimestamp") return "current_timestamp";
  if (name == "character_length") return "char_length";
  if (name == "lcase") return "lower";
  if (name == "ucase") return "upper";
  return name;
}

struct Operator {
  const char* written;
  const char* meant;
};
// Each level binds tighter than the one before; within a level, from the left.
const std::vector<std::vector<Operator>>& ArithmeticLevels() {
  static const auto& levels = *new std::vector<std::vector<Operator>>{
      {{"|", "|"}},
      {{"&", "&"}},
      {{"<<", "<<"}, {">>", ">>"}},
      {{"+", "+"}, {"-", "-"}},
      {{"*", "*"}, {"/", "/"}, {"%", "%"}, {"div", "div"}, {"mod", "%"}},
      {{"^", "^"}},
  };
  return levels;
}

// Reads tokens from left to right by the servers' precedence.
class Parser {
 public:
  explicit Parser(absl::string_view text) : tokens_(Tokenize(text)) {}

  Tree Parse() {
    Tree tree = Or();
    return at_ == tokens_.size() ? tree : absl::nullopt;
  }

 private:
  bool AtEnd() const { return at_ >= tokens_.size(); }
  bool IsWord(size_t at, absl::string_view word) const {
    return at < tokens_.size() && tokens_[at].kind == Token::Kind::kWord && tokens_[at].text == word;
  }
  bool TakeWord(absl::string_view word) {
    const bool is_one = IsWord(at_, word);
    if (is_one) ++at_;
    return is_one;
  }
  // All signs that follow each other without a space are one operator at most.
  bool TakeSign(absl::string_view sign) {
    std::string text;
    size_t at = at_;
    while (at < tokens_.size() && tokens_[at].kind == Token::Kind::kSign && text.size() < sign.size() &&
           (at == at_ || tokens_[at].begin == tokens_[at - 1].end)) {
      text += tokens_[at++].text;
    }
    if (text != sign) return false;
    at_ = at;
    return true;
  }
  bool Take(absl::string_view written) {
    return absl::ascii_isalpha(written[0]) ? TakeWord(written) : TakeSign(written);
  }
  bool AtSign(absl::string_view sign) {
    const size_t before = at_;
    const bool is_one = TakeSign(sign);
    at_ = before;
    return is_one;
  }

  // Operands of the same operator side by side: (a and b) and c is a and b and c.
  Tree Chain(Tree (Parser::*operand)(), std::initializer_list<absl::string_view> written, absl::string_view meant) {
    Tree first = (this->*operand)();
    if (!first.has_value()) return first;
    std::vector<std::string> all = {*first};
    for (bool more = true; more;) {
      more = false;
      for (const absl::string_view one : written) more = more || Take(one);
      if (!more) break;
      Tree next = (this->*operand)();
      if (!next.has_value()) return next;
      all.push_back(*std::move(next));
    }
    if (all.size() == 1) return all[0];
    std::string inner;
    const std::string begin = absl::StrCat("(", meant, " ");
    for (const std::string& one : all) {
      const bool same = one.rfind(begin, 0) == 0;
      absl::StrAppend(&inner, inner.empty() ? "" : " ",
                      same ? one.substr(begin.size(), one.size() - begin.size() - 1) : one);
    }
    return absl::StrCat(begin, inner, ")");
  }

  Tree Or() {
    if (++depth_ > kMaxDepth) return absl::nullopt;
    Tree tree = Chain(&Parser::Xor, {"or", "||"}, "or");
    --depth_;
    return tree;
  }
  Tree Xor() { return Chain(&Parser::And, {"xor"}, "xor"); }
  Tree And() { return Chain(&Parser::Not, {"and", "&&"}, "and"); }
  Tree Not() {
    if (!TakeWord("not")) return Comparison();
    if (++depth_ > kMaxDepth) return absl::nullopt;
    Tree operand = Not();
    --depth_;
    return operand.has_value() ? Tree(Node("not", {*operand})) : operand;
  }

  Tree Comparison() {
    Tree left = Arithmetic(0);
    while (left.has_value() && !AtEnd()) {
      const size_t before = at_;
      Tree whole = CompareWith(*left);
      if (at_ == before) break;
      left = std::move(whole);
    }
    return left;
  }

  // What follows `left`, if it is a comparison; else takes nothing.
  Tree CompareWith(const std::string& left) {
    static constexpr Operator kSigns[] = {{"<=>", "<=>"}, {"<>", "<>"}, {"!=", "<>"}, {"<=", "<="},
                                          {">=", ">="},   {"=", "="},   {"<", "<"},   {">", ">"}};
    for (const Operator& sign : kSigns) {
      if (sign.written[1] == '\0' && (AtSign("<<") || AtSign(">>"))) continue;
      if (!TakeSign(sign.written)) continue;
      Tree right = Arithmetic(0);
      return right.has_value() ? Tree(Node(sign.meant, {left, *right})) : right;
    }
    if (TakeWord("is")) return Is(left);
    const bool negated =
        IsWord(at_, "not") && (IsWord(at_ + 1, "in") || IsWord(at_ + 1, "like") || IsWord(at_ + 1, "between") ||
                               IsWord(at_ + 1, "regexp") || IsWord(at_ + 1, "rlike"));
    if (negated) ++at_;
    Tree tree;
    if (TakeWord("in")) {
      tree = List(left);
    } else if (TakeWord("between")) {
      tree = Between(left);
    } else if (TakeWord("like")) {
      tree = Like(left);
    } else if (TakeWord("regexp") || TakeWord("rlike")) {
      Tree right = Arithmetic(0);
      if (right.has_value()) tree = Node("regexp_like", {absl::StrCat(left, ","), *right});
    }
    return negated && tree.has_value() ? Tree(Node("not", {*tree})) : tree;
  }

  Tree Is(const std::string& left) {
    const bool negated = TakeWord("not");
    for (const char* what : {"null", "true", "false", "unknown"}) {
      if (!TakeWord(what)) continue;
      const std::string tree = Node("is", {left, what});
      return negated ? Node("not", {tree}) : tree;
    }
    return absl::nullopt;
  }

  Tree List(const std::string& left) {
    if (!TakeSign("(")) return absl::nullopt;
    Tree items = Items();
    return items.has_value() ? Tree(Node("in", {left, *items})) : items;
  }

  Tree Between(const std::string& left) {
    Tree low = Arithmetic(0);
    if (!low.has_value() || !TakeWord("and")) return absl::nullopt;
    Tree high = Arithmetic(0);
    return high.has_value() ? Tree(Node("between", {left, *low, *high})) : high;
  }

  Tree Like(const std::string& left) {
    Tree pattern = Arithmetic(0);
    if (!pattern.has_value()) return pattern;
    if (!TakeWord("escape")) return Node("like", {left, *pattern});
    Tree escape = Arithmetic(0);
    return escape.has_value() ? Tree(Node("like", {left, *pattern, *escape})) : escape;
  }

  Tree Arithmetic(size_t level) {
    if (level == ArithmeticLevels().size()) return Unary();
    Tree left = Arithmetic(level + 1);
    while (left.has_value()) {
      const Operator* found = nullptr;
      for (const Operator& one : ArithmeticLevels()[level]) {
        const bool longer = one.written[0] == '|' && AtSign("||");
        const bool both = one.written[0] == '&' && AtSign("&&");
        if (!longer && !both && Take(one.written)) {
          found = &one;
          break;
        }
      }
      if (found == nullptr) break;
      Tree right = Arithmetic(level + 1);
      if (!right.has_value()) return right;
      left = Node(found->meant, {*left, *right});
    }
    return left;
  }

  Tree Unary() {
    for (const char* sign : {"-", "+", "~", "!"}) {
      if (!TakeSign(sign)) continue;
      if (++depth_ > kMaxDepth) return absl::nullopt;
      Tree operand = Unary();
      --depth_;
      if (!operand.has_value() || *sign == '+') return operand;
      return Node(*sign == '-' ? "neg" : *sign == '!' ? "not" : "~", {*operand});
    }
    return Collated();
  }

  Tree Collated() {
    Tree tree = Primary();
    if (!tree.has_value() || !TakeWord("collate") || AtEnd()) return tree;
    return Node("collate", {*tree, tokens_[at_++].text});
  }

  Tree Primary() {
    if (AtEnd()) return absl::nullopt;
    if (TakeSign("(")) return Items();
    const Token& token = tokens_[at_];
    const bool is_introducer = token.kind == Token::Kind::kWord && token.text[0] == '_' && at_ + 1 < tokens_.size() &&
                               tokens_[at_ + 1].kind == Token::Kind::kString;
    if (is_introducer) {
      ++at_;
      const bool binary = token.text == "_binary";
      Tree text = Primary();
      return binary && text.has_value() ? Tree(Node("binary", {*text})) : text;
    }
    ++at_;
    switch (token.kind) {
      case Token::Kind::kString:
        return absl::StrCat("'", absl::CEscape(token.text), "'");
      case Token::Kind::kNumber:
        return token.text;
      case Token::Kind::kSign:
        return absl::nullopt;
      case Token::Kind::kQuotedName:
        return Name(token);
      case Token::Kind::kWord:
        break;
    }
    if (token.text == "case") return Case();
    if (token.text == "interval" && !AtSign("(")) return Interval();
    return AtSign("(") ? Function(FunctionName(token.text)) : Name(token);
  }

  // A column, whichever way its name is quoted; `current_timestamp` is a function without its parentheses.
  Tree Name(const Token& token) {
    const bool is_function = token.kind == Token::Kind::kWord && token.text.rfind("current_", 0) == 0;
    std::string name = absl::AsciiStrToLower(token.name);
    while (TakeSign(".")) {
      if (AtEnd()) return absl::nullopt;
      absl::StrAppend(&name, ".", absl::AsciiStrToLower(tokens_[at_++].name));
    }
    return is_function ? absl::StrCat("(", name, " )") : name;
  }

  Tree Function(const std::string& name) {
    TakeSign("(");
    if (TakeSign(")")) return absl::StrCat("(", name, " )");
    if (name == "cast" || name == "convert") return Cast(name);
    Tree arguments = Items();
    return arguments.has_value() ? Tree(Node(name, {*arguments})) : arguments;
  }

  // CAST(x AS type): the type's words as they are.
  Tree Cast(const std::string& name) {
    Tree value = Or();
    if (!value.has_value()) return value;
    std::string type;
    int depth = 1;
    while (!AtEnd()) {
      if (AtSign("(")) ++depth;
      if (AtSign(")") && --depth == 0) break;
      absl::StrAppend(&type, type.empty() ? "" : " ", tokens_[at_++].text);
    }
    return TakeSign(")") ? Tree(Node(name, {*value, type})) : absl::nullopt;
  }

  // What stands between parentheses, up to the closing one: a lone expression is itself.
  Tree Items() {
    std::vector<std::string> items;
    do {
      Tree item = Or();
      if (!item.has_value()) return item;
      items.push_back(*std::move(item));
    } while (TakeSign(","));
    if (!TakeSign(")")) return absl::nullopt;
    return absl::StrJoin(items, ", ");
  }

  Tree Case() {
    std::string tree = "(case";
    const auto add = [&](const char* word) {
      Tree part = Or();
      if (part.has_value()) absl::StrAppend(&tree, " ", word, " ", *part);
      return part.has_value();
    };
    if (!IsWord(at_, "when") && !add("of")) return absl::nullopt;
    while (TakeWord("when")) {
      if (!add("when") || !TakeWord("then") || !add("then")) return absl::nullopt;
    }
    if (TakeWord("else") && !add("else")) return absl::nullopt;
    return TakeWord("end") ? Tree(tree + ")") : absl::nullopt;
  }

  Tree Interval() {
    Tree count = Arithmetic(0);
    if (!count.has_value() || AtEnd() || tokens_[at_].kind != Token::Kind::kWord) return absl::nullopt;
    return Node("interval", {*count, tokens_[at_++].text});
  }

  const std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

absl::optional<std::string> ExpressionTree(absl::string_view expression) { return Parser(expression).Parse(); }

}  // namespace bonnie::schema
