#include <string>
#include <vector>

namespace text {

std::string join(const std::vector<std::string>& parts) {
    std::string out;
    for (const auto& part : parts) {
        out += part;
    }
    return out;
}

bool empty(const std::string& text) {
    return text.size() == 0;
}

}  // namespace text
