#include <string>

namespace text {

bool blank(const std::string& text) {
    return text.find_first_not_of(' ') == std::string::npos;
}

bool empty(const std::string& text) {
    return text.empty();
}

}  // namespace text
